import Access
import Foundation
import Hummingbird
import ServiceCore
import Testing

/// Who may do what on TCP.
@Suite struct AccessTokenTests {
  private static let text = """
    # for the page in the lab
    observe  observer-token-0001

    operate\toperator-token-0001
    administer administrator-token-0001
    """

  private static func control(pause: @escaping @Sendable () async -> Void = {}) throws -> AccessControl {
    var policy = AccessPolicy()
    policy.tokens = try TokenTable(text: text, source: "tokens")
    return AccessControl(policy, pause: pause)
  }

  private static func refusal(
    _ control: AccessControl, _ request: Request, from peer: Peer = .remote("192.0.2.1")
  ) async -> AccessRefusal? {
    await #expect(throws: AccessRefusal.self) { try await control.admit(request, from: peer) }
  }

  @Test("a token gives its role and no more")
  func roles() async throws {
    let control = try Self.control()
    for (token, role) in [("observer-token-0001", Role.observe), ("operator-token-0001", .operate)] {
      let headers: HTTPFields = [.authorization: "Bearer \(token)"]
      let status = plainRequest(.get, "/v1/status", headers)
      #expect(try await control.admit(status, from: .remote("192.0.2.1")).role == role)
      let refusal = await Self.refusal(control, plainRequest(.post, "/v1/configuration/reload", headers))
      #expect(refusal?.status == .forbidden)
    }
    let administrator: HTTPFields = [.authorization: "bearer administrator-token-0001"]
    let reload = plainRequest(.post, "/v1/configuration/reload", administrator)
    #expect(try await control.admit(reload, from: .remote("192.0.2.1")).role == .administer)
  }

  @Test(
    "without a token of the table the answer is 401 and says which scheme is wanted",
    arguments: [
      nil, "", "Bearer", "Bearer ", "Bearer observer-token-0002", "Bearer observer-token-000",
      "Bearer observer-token-00011", "Basic observer-token-0001", "observer-token-0001",
      "Bearer observer-token-0001, Bearer operator-token-0001",
    ])
  func unauthorised(header: String?) async throws {
    let control = try Self.control()
    let headers: HTTPFields = header.map { [.authorization: $0] } ?? [:]
    let refusal = try #require(await Self.refusal(control, plainRequest(.get, "/v1/status", headers)))
    let response = try refusal.response()
    #expect(response.status == .unauthorized && refusal.cause.code == .unauthorised)
    #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
  }

  @Test("a token is of no use where there is no table, and the page and healthz need none")
  func noTable() async throws {
    let control = AccessControl(AccessPolicy(), pause: {})
    let headers: HTTPFields = [.authorization: "Bearer observer-token-0001"]
    _ = await Self.refusal(control, plainRequest(.get, "/v1/status", headers))
    #expect(try await control.admit(plainRequest(.get, "/"), from: .remote("192.0.2.1")) == .unknown)
    #expect(try await control.admit(plainRequest(.get, "/healthz"), from: .remote("192.0.2.1")) == .unknown)
  }

  @Test("wrong tokens wait for their answer, no more than 32 at a time, and hold up no right one")
  func attempts() async throws {
    let (opened, open) = AsyncStream.makeStream(of: Void.self)
    let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
    let control = try Self.control {
      arrive.yield()
      for await _ in opened {}
    }
    let wrong = plainRequest(.get, "/v1/status", [.authorization: "Bearer no-token-of-anybody"])
    try await withThrowingTaskGroup(of: AccessRefusal?.self) { group in
      for _ in 0..<32 { group.addTask { await Self.refusal(control, wrong) } }
      var arrived = arrivals.makeAsyncIterator()
      for _ in 0..<32 { await arrived.next() }
      #expect(await Self.refusal(control, wrong) == .tooManyAttempts)
      let right = plainRequest(.get, "/v1/status", [.authorization: "Bearer observer-token-0001"])
      #expect(try await control.admit(right, from: .remote("192.0.2.1")).role == .observe)
      open.finish()
      for try await refusal in group { #expect(refusal == .tokenUnknown) }
    }
    #expect(await Self.refusal(control, wrong) == .tokenUnknown)
  }

  @Test(
    "a file of tokens that is wrong is refused with its line, and no message shows a token",
    arguments: [
      ("", "no token"), ("# nothing\n\n", "no token"), ("operate", "tokens:1"),
      ("\nroot secret-secret-secret", "tokens:2"),
      ("operate secret-secret", "openssl"), ("operate secret-secret-secret more", "tokens:1"),
      ("operate secret-secret-sécret", "tokens:1"),
      ("operate secret-secret-secret\nobserve secret-secret-secret", "tokens:2"),
    ])
  func wrongFile(text: String, word: String) throws {
    let error = #expect(throws: ServiceError.self) { try TokenTable(text: text, source: "tokens") }
    let message = error?.description ?? ""
    #expect(message.contains(word) && !message.contains("secret-secret"), "\(message)")
  }

  @Test("a file of tokens may come from any system's editor", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) throws {
    let lines = ["# tokens", "", "observe observer-token-0001", "operate operator-token-0001", ""]
    let table = try TokenTable(text: lines.joined(separator: end), source: "tokens")
    #expect(table.role(of: "observer-token-0001") == .observe && table.role(of: "operator-token-0001") == .operate)
    let wrong = (["observe observer-token-0001", "root"] as [String]).joined(separator: end)
    let error = #expect(throws: ServiceError.self) { try TokenTable(text: wrong, source: "tokens") }
    #expect(error?.description.contains("tokens:2") == true)
  }

  @Test("a file that belongs to somebody else is refused", .enabled(if: geteuid() == 0))
  func wrongOwner() async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("tokens").path
      try Data(Self.text.utf8).write(to: URL(fileURLWithPath: path))
      chmod(path, 0o600)
      chown(path, 60_000, 0)
      let error = #expect(throws: ServiceError.self) { try TokenTable(path: path) }
      #expect(error?.description.contains("chown") == true)
    }
  }

  @Test("a file that others can read, that is missing or that is a folder is refused with what to do")
  func wrongMode() async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("tokens").path
      try Data(Self.text.utf8).write(to: URL(fileURLWithPath: path))
      for mode: mode_t in [0o640, 0o604, 0o660, 0o610] {
        chmod(path, mode)
        let error = #expect(throws: ServiceError.self) { try TokenTable(path: path) }
        #expect(error?.description.contains("chmod 600") == true)
      }
      chmod(path, 0o600)
      #expect(try TokenTable(path: path).role(of: "operator-token-0001") == .operate)
      #expect(throws: ServiceError.self) { try TokenTable(path: folder.path) }
      #expect(throws: ServiceError.self) { try TokenTable(path: path + "-none") }
    }
  }
}
