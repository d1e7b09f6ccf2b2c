import Crypto
import Foundation
import ServiceCore

/// The bearer tokens that are accepted on TCP, with the role that each gives.
///
/// The file has a line `role token` for each, empty lines, and comments that start with `#`, with the line ends of
/// any system. Only digests of the tokens
/// are kept.
public struct TokenTable: Sendable {
  private struct Entry {
    var digest: [UInt8]
    var role: Role
  }

  private static let shortest = 16
  private static let longest = 512
  private static let capacity = 1 << 20

  private let entries: [Entry]

  /// The tokens of a file that only its owner can read.
  ///
  /// - Throws: ``ServiceError/startup(_:)``.
  public init(path: String) throws(ServiceError) {
    try self.init(text: SecretFile.read(path, capacity: Self.capacity), source: path)
  }

  /// The tokens of a text; `source` names it in messages.
  ///
  /// - Throws: ``ServiceError/startup(_:)``.
  package init(text: String, source: String) throws(ServiceError) {
    var entries: [Entry] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      let place = "\(source):\(index + 1)"
      guard words.count == 2, let role = Role(rawValue: String(first)) else {
        throw .startup("\(place): write a role (observe, operate or administer) and a token")
      }
      let token = words[1].utf8
      guard token.count >= Self.shortest, token.count <= Self.longest, token.allSatisfy({ (33...126).contains($0) })
      else {
        throw .startup(
          "\(place): write a token of \(Self.shortest) to \(Self.longest) letters, digits or signs; "
            + "\"openssl rand -hex 32\" makes one")
      }
      let digest = Self.digest(of: token)
      guard !entries.contains(where: { $0.digest == digest }) else {
        throw .startup("\(place): this token stands in the file twice; remove one of the lines")
      }
      entries.append(Entry(digest: digest, role: role))
    }
    guard !entries.isEmpty else {
      throw .startup("\(source): there is no token; write lines of a role (observe, operate or administer) and a token")
    }
    self.entries = entries
  }

  /// The role that a token gives.
  package func role(of token: String) -> Role? { entry(of: token)?.role }

  /// The role that a token gives, and its place in the table. How long this takes tells nothing about the tokens of the
  /// table: digests are compared in constant time, and all of them.
  package func entry(of token: String) -> (role: Role, number: Int)? {
    let digest = Self.digest(of: token.utf8)
    var found: (Role, Int)?
    for (number, entry) in entries.enumerated() {
      let difference = zip(entry.digest, digest).reduce(0) { $0 | ($1.0 ^ $1.1) }
      if difference == 0 { found = (entry.role, number) }
    }
    return found
  }

  private static func digest(of token: some Sequence<UInt8>) -> [UInt8] { Array(SHA256.hash(data: Array(token))) }
}
