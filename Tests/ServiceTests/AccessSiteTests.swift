import Access
import Foundation
import ServiceCore
import Testing

/// By which names the daemon can be addressed on TCP, and where it may listen.
@Suite struct AccessSiteTests {
  private static func site(_ address: String = "127.0.0.1:8080", names: [String] = []) throws -> Site {
    Site(listening: try TCPListening(address), names: names, machine: "bench.example.org")
  }

  @Test(
    "the daemon answers to localhost, addresses, its machine's name and the names it was given",
    arguments: [
      "localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.0.0.1", "[::1]:8080", "192.0.2.7:1", "bench:80",
      "bench.example.org", "lab.example.org:8080",
    ])
  func ownNames(host: String) throws {
    try Self.site(names: ["Lab.Example.org"]).check(host: host, origin: nil)
  }

  @Test(
    "a name that is not the daemon's is refused: a page may have made it lead here",
    arguments: [
      nil, "", "evil.example.com", "evil.example.com:8080", "localhost.evil.example.com", "bench.example.org.",
      "127.0.0.1.evil.example.com", "localhost@evil.example.com", "localhost:8080:80", "localhost:", "localhost:x",
      "[::1", "[localhost]", "::1", "127.0.0.1:99999", "localhost evil",
    ])
  func strangeNames(host: String?) throws {
    let site = try Self.site()
    let error = #expect(throws: AccessRefusal.self) { try site.check(host: host, origin: nil) }
    #expect(error?.status == .misdirectedRequest)
  }

  @Test("only the daemon's own page may use it: same scheme, same host, same port")
  func origins() throws {
    let site = try Self.site()
    for (host, origin) in [
      ("localhost:8080", "http://localhost:8080"), ("localhost", "http://localhost:80"),
      ("[::1]:8080", "http://[::1]:8080"),
      ("127.0.0.1:80", "http://127.0.0.1"),
    ] {
      try site.check(host: host, origin: origin)
    }
    for origin in [
      "null", "", "http://evil.example.com", "http://localhost", "http://localhost:8081", "https://localhost:8080",
      "http://127.0.0.1:8080", "http://localhost:8080/", "http://localhost:8080, http://evil.example.com",
      "http://localhost:8080.evil.example.com", "http://evil.example.com@localhost:8080",
    ] {
      let error = #expect(throws: AccessRefusal.self, "\(origin)") {
        try site.check(host: "localhost:8080", origin: origin)
      }
      #expect(error?.status == .forbidden)
    }
  }

  @Test(
    "without TLS the daemon listens on loopback only",
    arguments: [
      ("127.0.0.1:8080", true), ("127.1.2.3:1", true), ("[::1]:0", true), ("localhost:8080", true),
      ("0.0.0.0:8080", false), ("[::]:8080", false), ("192.0.2.7:80", false), ("bench:8080", false),
      ("localhost.example.com:8080", false), ("127.example.com:80", false), ("[::ffff:192.0.2.7]:80", false),
    ])
  func loopback(address: String, accepted: Bool) throws {
    if accepted {
      let listening = try TCPListening(address)
      #expect(listening.isLoopback && listening.scheme == "http")
    } else {
      let error = #expect(throws: ServiceError.self) { try TCPListening(address) }
      #expect(error?.description.contains("--tls-certificate") == true)
    }
  }

  @Test(
    "what is no address with a port is refused with an example",
    arguments: [
      "", "8080", ":8080", "localhost", "localhost:", "localhost:http", "::1:8080", "127.0.0.1:65536", "a b:1",
    ])
  func noAddress(text: String) {
    let error = #expect(throws: ServiceError.self) { try TCPListening(text) }
    #expect(error?.description.contains("127.0.0.1:8080") == true)
  }

  @Test("a certificate opens the other addresses; a missing, broken, foreign or readable file is named")
  func certificates() async throws {
    try await withFolder { folder in
      let files = try TestCertificate.write(to: folder)
      let listening = try TCPListening("0.0.0.0:8443", certificate: files.certificate, key: files.key)
      #expect(!listening.isLoopback && listening.scheme == "https")
      let wrong = folder.appendingPathComponent("wrong.pem").path
      try Data("nothing".utf8).write(to: URL(fileURLWithPath: wrong))
      chmod(wrong, 0o600)
      let cases: [(String?, String?, String)] = [
        (wrong, files.key, wrong), (files.certificate, wrong, wrong),
        (files.certificate, files.foreignKey, files.foreignKey),
        (wrong + "-none", files.key, wrong + "-none"), (files.certificate, wrong + "-none", wrong + "-none"),
        (files.certificate, nil, "--tls-key"), (nil, files.key, "--tls-certificate"),
      ]
      for (certificate, key, word) in cases {
        let error = #expect(throws: ServiceError.self) {
          try TCPListening("0.0.0.0:8443", certificate: certificate, key: key)
        }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
      }
      chmod(files.key, 0o644)
      let error = #expect(throws: ServiceError.self) {
        try TCPListening("0.0.0.0:8443", certificate: files.certificate, key: files.key)
      }
      #expect(error?.description.contains("chmod 600") == true)
    }
  }
}
