import Access
import BenchService
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// The rules on real sockets.
@Suite struct AccessSocketTests {
  private static let token = "observer-token-0001"

  private static func policy(_ listening: TCPListening? = nil) throws -> AccessPolicy {
    var policy = AccessPolicy()
    policy.listening = listening
    policy.tokens = try TokenTable(text: "observe \(token)", source: "tokens")
    return policy
  }

  @Test("on a Unix socket the user that the daemon runs as administers, without a token and under any host name")
  func ownUser() async throws {
    try await withFolder { folder in
      let endpoint = Endpoint.unix(path: folder.appendingPathComponent("s").path)
      try await LiveSite.run(Self.policy(), endpoint) { site in
        let answer = try await site.ask("GET /v1/role HTTP/1.1\r\nHost: odu\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("administer"))
        let page = try await site.ask(
          "GET /v1/role HTTP/1.1\r\nHost: odu\r\nOrigin: http://odu\r\nConnection: close\r\n\r\n")
        #expect(page.hasPrefix("HTTP/1.1 403") && page.contains(#""code":"forbidden""#))
      }
    }
  }

  @Test("on TCP a token gives the role, and requests without one or by another name are refused")
  func tokens() async throws {
    let listening = try TCPListening("127.0.0.1:0")
    try await LiveSite.run(Self.policy(listening), .tcp(listening)) { site in
      func ask(_ path: String, _ headers: String, method: String = "GET") async throws -> String {
        try await site.ask("\(method) \(path) HTTP/1.1\r\n\(headers)Connection: close\r\n\r\n")
      }
      let bearer = "Authorization: Bearer \(Self.token)\r\n"
      #expect(try await ask("/v1/role", "Host: localhost\r\n" + bearer).hasSuffix("observe"))
      #expect(try await ask("/healthz", "Host: localhost\r\n").hasSuffix("ok"))
      let bare = try await ask("/v1/role", "Host: localhost\r\n")
      #expect(bare.hasPrefix("HTTP/1.1 401") && bare.lowercased().contains("www-authenticate: bearer"))
      #expect(try await ask("/v1/nothing", "Host: localhost\r\n").hasPrefix("HTTP/1.1 401"))
      #expect(try await ask("/v1/role", "Host: localhost\r\n" + bearer, method: "POST").hasPrefix("HTTP/1.1 403"))
      #expect(try await ask("/healthz", "Host: evil.example.com\r\n").hasPrefix("HTTP/1.1 421"))
      #expect(try await ask("/healthz", "").hasPrefix("HTTP/1.1 421"))
      let elsewhere = "Host: localhost\r\nOrigin: http://evil.example.com\r\n" + bearer
      let refused = try await ask("/v1/role", elsewhere)
      #expect(refused.hasPrefix("HTTP/1.1 403") && !refused.lowercased().contains("access-control"))
    }
  }

  @Test("with a certificate the same goes through TLS 1.2 and later, and through nothing else")
  func tls() async throws {
    try await withFolder { folder in
      let files = try TestCertificate.write(to: folder)
      let listening = try TCPListening("127.0.0.1:0", certificate: files.certificate, key: files.key)
      try await LiveSite.run(Self.policy(listening), .tcp(listening)) { site in
        let head = "GET /v1/role HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(Self.token)\r\n"
        let request = head + "Connection: close\r\n\r\n"
        for version in [TLSVersion.tlsv13, .tlsv12] {
          let answer = try await site.ask(request, tls: version)
          #expect(answer.hasSuffix("observe"))
        }
        await #expect(throws: (any Error).self) { try await site.ask(request, tls: .tlsv11) }
        let weak: [NIOTLSCipher] = [
          .TLS_RSA_WITH_AES_128_CBC_SHA, .TLS_RSA_WITH_AES_256_CBC_SHA, .TLS_RSA_WITH_AES_128_GCM_SHA256,
          .TLS_RSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
          .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        ]
        await #expect(throws: (any Error).self) { try await site.ask(request, tls: .tlsv12, ciphers: weak) }
        let plain = (try? await site.ask(request)) ?? ""
        #expect(!plain.contains("observe"))
      }
    }
  }

  @Test(
    "what is no HTTP, or has a head without end, is answered with 400",
    arguments: [
      "\u{16}\u{3}\u{1}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nBad Header\r\n\r\n",
      "GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 20_000) + "\r\n\r\n",
      "GET / HTTP/1.1\r\n" + String(repeating: "X: a\r\n", count: 200) + "\r\n",
      "POST /v1/body HTTP/1.1\r\nHost: odu\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nno chunk\r\n",
    ])
  func malformed(bytes: String) async throws {
    try await withFolder { folder in
      let endpoint = Endpoint.unix(path: folder.appendingPathComponent("s").path)
      try await LiveSite.run(Self.policy(), endpoint) { site in
        let answer = try await site.ask(bytes)
        #expect(answer.hasPrefix("HTTP/1.1 400") && answer.contains(#""code":"invalid""#), "\(answer)")
        #expect(site.watch.counts.malformed == 1)
      }
    }
  }

  @Test("two headers Host are refused, 100-continue is answered, and nothing else can be expected")
  func heads() async throws {
    try await withFolder { folder in
      let endpoint = Endpoint.unix(path: folder.appendingPathComponent("s").path)
      try await LiveSite.run(Self.policy(), endpoint) { site in
        let hosts = try await site.ask("GET /healthz HTTP/1.1\r\nHost: odu\r\nHost: odu\r\nConnection: close\r\n\r\n")
        #expect(hosts.hasPrefix("HTTP/1.1 400") && hosts.contains("Host"))
        let expected = try await site.ask(
          "POST /v1/body HTTP/1.1\r\nHost: odu\r\nExpect: a miracle\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab"
        )
        #expect(expected.hasPrefix("HTTP/1.1 417"))
      }
    }
  }

  @Test("a head or a body that stops is answered with 408, and the route does not take the part for the whole")
  func slowClients() async throws {
    var limits = ConnectionLimits()
    (limits.head, limits.body) = (.seconds(1), .seconds(1))
    try await withFolder { [limits] folder in
      let endpoint = Endpoint.unix(path: folder.appendingPathComponent("s").path)
      let outcomes = try await LiveSite.run(Self.policy(), endpoint, limits: limits) { site in
        let body = "POST /v1/body HTTP/1.1\r\nHost: odu\r\nContent-Length: 100\r\n\r\nsome of it"
        for bytes in ["GET / HTTP/1.1\r\nHo", "", body] {
          let answer = try await site.ask(bytes)
          #expect(answer.hasPrefix("HTTP/1.1 408"))
        }
        // On a busy machine the limit may pass before the bytes are there, or before the route begins, which then has nothing to tell.
        let counts = site.watch.counts
        #expect(counts.slowHeads >= 2 && counts.slowHeads + counts.slowBodies == 3, "\(counts)")
      }
      #expect(outcomes.allSatisfy { $0 == "cut short" }, "\(outcomes)")
    }
  }

  @Test("a client that does not read its answer is dropped")
  func slowReader() async throws {
    var limits = ConnectionLimits()
    limits.reader = .milliseconds(100)
    try await withFolder { [limits] folder in
      let endpoint = Endpoint.unix(path: folder.appendingPathComponent("s").path)
      try await LiveSite.run(Self.policy(), endpoint, limits: limits) { site in
        try await site.holdWithoutReading("GET /v1/endless HTTP/1.1\r\nHost: odu\r\n\r\n") {
          var outcomes = site.bodies.makeAsyncIterator()
          #expect(await outcomes.next() == "dropped")
        }
        #expect(site.watch.counts.slowReaders == 1)
      }
    }
  }
}
