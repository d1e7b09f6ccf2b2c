import Foundation

/// A host with an optional port, as in `localhost:8080`, `192.168.0.4` or `[::1]:80`.
package struct Authority: Sendable, Equatable {
  /// In lower case, without brackets.
  package let host: String
  package let port: Int?
  /// Whether the host is an IP address and no name.
  package let isAddress: Bool

  /// Nothing when the text is none.
  package init?(_ text: String) {
    guard let (host, port) = Self.split(text) else { return nil }
    if let port {
      guard !port.isEmpty, port.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(port), number <= 65_535
      else { return nil }
      self.port = number
    } else {
      self.port = nil
    }
    let isBracketed = text.hasPrefix("[")
    self.host = host.lowercased()
    isAddress = isBracketed || Self.isIPv4(self.host)
    guard isBracketed ? Self.isIPv6(self.host) : isAddress || Self.isName(self.host) else { return nil }
  }

  /// Whether only this machine can reach the host. A name other than `localhost` may lead anywhere.
  package var isLoopback: Bool { host == "localhost" || host == "::1" || (isAddress && host.hasPrefix("127.")) }

  private static func split(_ text: String) -> (host: String, port: String?)? {
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      return (String(text.dropFirst().prefix { $0 != "]" }), rest.isEmpty ? nil : String(rest.dropFirst()))
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    return (String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
  }

  private static func isIPv4(_ text: String) -> Bool {
    var address = in_addr()
    return inet_pton(AF_INET, text, &address) == 1
  }

  private static func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, text, &address) == 1
  }

  private static func isName(_ text: String) -> Bool {
    let others = Set("-._".utf8)
    return !text.isEmpty && text.utf8.count <= 253
      && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || others.contains($0) }
  }
}
