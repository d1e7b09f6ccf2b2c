import BenchAPI
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Who may pass the forwarder: the programs of its own user, with the token, and from no page but the daemon's.
struct PageGate: Sendable {
  struct Refusal: Sendable {
    var status: HTTPResponseStatus
    var cause: Cause
    var message: String
  }

  static let stranger = Refusal(
    status: .forbidden, cause: .accessUser,
    message: "this page belongs to another user of this machine; open one of your own with: odu-ctl open")
  static let tooLarge = Refusal(
    status: .payloadTooLarge, cause: .requestTooLarge, message: "the body is larger than the daemon accepts")
  static let malformed = Refusal(status: .badRequest, cause: .requestMalformed, message: "the address makes no sense")
  static let noDaemon = Refusal(
    status: .badGateway, cause: .serviceUnreachable, message: "the daemon does not answer; is it being restarted?")

  /// Of connection and framing, which are not the same on both sides.
  private static let hopByHop = [
    "Connection", "Expect", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
  ]

  /// What a browser fetches before it has the token.
  private static let page = ["/", "/page.css", "/page.js"]

  private let port: Int
  private let token: String

  init(port: Int) {
    self.port = port
    var generator = SystemRandomNumberGenerator()
    token = (0..<4).map { _ in
      let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Where the page is. What follows `#` stays in the browser; the page sends it as a bearer token.
  var address: String { "http://127.0.0.1:\(port)/#token=\(token)" }

  /// Why a request does not pass; nil when it does.
  func refusal(of head: HTTPRequestHead) -> Refusal? {
    let hosts = ["127.0.0.1:\(port)", "localhost:\(port)"]
    guard head.headers["Host"].count == 1, hosts.contains(head.headers["Host"][0].lowercased()) else {
      return Refusal(
        status: .misdirectedRequest, cause: .accessHost, message: "this is \(hosts[0]); it answers to no other name")
    }
    let pages = hosts.map { "http://\($0)" }
    guard head.headers["Origin"].allSatisfy({ pages.contains($0.lowercased()) }) else {
      return Refusal(
        status: .forbidden, cause: .accessOrigin, message: "only the daemon's own page may ask, no page from elsewhere")
    }
    guard head.uri.hasPrefix("/") else { return Self.malformed }
    if head.method == .GET, Self.page.contains(String(head.uri.prefix { $0 != "?" })) { return nil }
    guard isAuthorised(head.headers["Authorization"]) else {
      return Refusal(
        status: .unauthorized, cause: .accessTokenUnknown,
        message: "the token is missing or wrong; use the address that odu-ctl open printed")
    }
    return nil
  }

  /// The headers of a request as the daemon gets them.
  func forwarded(_ headers: HTTPHeaders) -> HTTPHeaders {
    var headers = Self.endToEnd(headers)
    for name in ["Authorization", "Host", "Origin", "Content-Length"] { headers.remove(name: name) }
    return headers
  }

  static func endToEnd(_ headers: HTTPHeaders) -> HTTPHeaders {
    var headers = headers
    for name in hopByHop { headers.remove(name: name) }
    return headers
  }

  /// How long this takes tells nothing about the token.
  private func isAuthorised(_ fields: [String]) -> Bool {
    let (expected, given) = (Array("Bearer \(token)".utf8), Array((fields.first ?? "").utf8))
    guard fields.count == 1, given.count == expected.count else { return false }
    return zip(expected, given).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  // MARK: The other end

  /// Whether a connection comes from a program of this user. The address of the page is no secret on a machine where users
  /// see each other's command lines.
  func isOwn(_ remote: SocketAddress?) -> Bool {
    guard let remote, let remotePort = remote.port, remote.ipAddress == "127.0.0.1" else { return false }
    let ends = (Self.name(remotePort), Self.name(port))
    // A program may reach 127.0.0.1 through a socket of IPv6, too; its address then ends with that of IPv4.
    return ["/proc/net/tcp", "/proc/net/tcp6"].contains { table in
      Self.lines(of: table).contains { line in
        let words = line.split(separator: " ")
        return words.count > 7 && words[1].hasSuffix(ends.0) && words[2].hasSuffix(ends.1)
          && words[3] == Self.established && words[7] == "\(getuid())"
      }
    }
  }

  /// How the kernel writes the state of a connection that both ends use. A socket whose program is gone has no user.
  private static let established = "01"

  /// How the kernel writes a loopback address with a port.
  private static func name(_ port: Int) -> String {
    func hexadecimal(_ number: UInt32, digits: Int) -> String {
      let text = String(number, radix: 16, uppercase: true)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    return hexadecimal(UInt32(0x7F00_0001).bigEndian, digits: 8) + ":" + hexadecimal(UInt32(port), digits: 4)
  }

  private static func lines(of table: String) -> [Substring] {
    guard let file = fopen(table, "re") else { return [] }
    defer { fclose(file) }
    var text: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { text += part[..<count] }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
  }
}
