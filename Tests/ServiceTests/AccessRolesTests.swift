import Access
import Concurrency
import Foundation
import Hummingbird
import ServiceCore
import Testing

/// A request without a body.
func plainRequest(
  _ method: HTTPRequest.Method, _ path: String, host: String? = "localhost", _ headers: HTTPFields = [:]
) -> Request {
  Request(
    head: HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: headers),
    body: RequestBody(buffer: ByteBuffer()))
}

/// A machine of a few users, which counts how often it is asked.
final class FakeMachine: Sendable {
  /// The groups of each user, which may change.
  let users: Locked<[uid_t: UserDatabase.User]>
  let questions = Locked(0)
  let time = Locked(0.0)

  static let groups: [String: gid_t] = ["odu-observe": 500, "odu": 501]

  init(_ users: [uid_t: UserDatabase.User]) { self.users = Locked(users) }

  var control: AccessControl {
    var policy = AccessPolicy()
    policy.owner = 900
    policy.clock = ServiceClock(uptime: { self.time.withLock { $0 } }, date: { Date(timeIntervalSince1970: 0) })
    return AccessControl(policy, database: database)
  }

  private var database: UserDatabase {
    UserDatabase(
      user: { number in
        self.questions.withLock { $0 += 1 }
        return self.users.withLock { $0[number] }
      }, group: { Self.groups[$0] })
  }
}

/// Who may do what on the Unix socket.
@Suite struct AccessRolesTests {
  private static let machine = [
    uid_t(0): UserDatabase.User(name: "root", groups: [0]),
    900: UserDatabase.User(name: "odud", groups: [900]),
    1001: UserDatabase.User(name: "ada", groups: [1001, 501]),
    1002: UserDatabase.User(name: "bob", groups: [1002, 500]),
    1003: UserDatabase.User(name: "eve", groups: [1003]),
    1004: UserDatabase.User(name: "kim", groups: [1004, 500, 501]),
  ]

  @Test(
    "a route needs the role of the contract, however its path is written",
    arguments: [
      (.get, "/", nil), (.get, "/page.css", nil), (.get, "/page.js", nil),
      (.get, "/healthz", nil), (.get, "/v1/healthz", nil), (.head, "/healthz", nil),
      (.get, "/metrics", .observe), (.get, "/v1/status", .observe), (.get, "/v1/camera/live", .observe),
      (.head, "/v1/status", .observe), (.get, "/v1/nothing", .observe), (.get, "/healthz/x", .observe),
      (.get, "/v1/camera/frame", .operate), (.get, "//v1//camera/frame/", .operate),
      (.head, "/v1/camera/frame", .operate),
      (.post, "/v1/measure", .operate), (.post, "/", .operate), (.put, "/v1/arrays/a", .operate),
      (.delete, "/v1/arrays/a", .operate), (.options, "/v1/status", .operate), (.post, "/healthz", .operate),
      (.post, "/v1/configuration/reload", .administer), (.post, "/v1/simulated/advance", .administer),
      (.delete, "/v1/runs/0001-train", .administer), (.delete, "/v1//runs/a/", .administer),
      (.get, "/v1/runs/0001-train", .observe), (.get, "/v1/configuration/reload", .observe),
    ] as [(HTTPRequest.Method, String, Role?)])
  func routes(method: HTTPRequest.Method, path: String, role: Role?) {
    #expect(RequiredRole.of(method, path) == role)
  }

  @Test("roles are ordered, so that each includes the ones before")
  func order() {
    #expect(Role.observe < .operate && .operate < .administer && !(Role.administer < .observe))
  }

  @Test(
    "the user's groups decide the role: root and the daemon's user, odu, odu-observe, nobody else",
    arguments: [
      (0, 0, .administer), (900, 900, .administer), (1001, 1001, .operate), (1002, 1002, .observe), (1003, 1003, nil),
      (1004, 1004, .operate), (1003, 500, .observe), (4000, 501, .operate), (4000, 4000, nil),
    ] as [(uid_t, gid_t, Role?)])
  func groups(user: uid_t, group: gid_t, role: Role?) async throws {
    let control = FakeMachine(Self.machine).control
    let peer = Peer.process(user: user, group: group)
    let needed: [(Request, Role)] = [
      (plainRequest(.get, "/v1/status"), .observe), (plainRequest(.post, "/v1/jobs"), .operate),
      (plainRequest(.post, "/v1/configuration/reload"), .administer),
    ]
    for (request, least) in needed {
      if let role, role >= least {
        #expect(try await control.admit(request, from: peer).role == role)
      } else {
        let error = await #expect(throws: AccessRefusal.self) { try await control.admit(request, from: peer) }
        #expect(error?.status == .forbidden && error?.cause.code == .forbidden)
      }
    }
    #expect(try await control.admit(plainRequest(.get, "/healthz"), from: peer).role == role)
  }

  @Test("a refusal says which group to join and how, or that only root may")
  func explanations() async {
    let control = FakeMachine(Self.machine).control
    let cases: [(uid_t, Request, String)] = [
      (1003, plainRequest(.get, "/v1/status"), "usermod -aG odu-observe eve"),
      (1002, plainRequest(.post, "/v1/measure"), "usermod -aG odu bob"),
      (1002, plainRequest(.post, "/v1/measure"), "bob has observe"),
      (1001, plainRequest(.delete, "/v1/runs/a"), "root"),
      (4000, plainRequest(.get, "/v1/status"), "4000"),
    ]
    for (user, request, word) in cases {
      let error = await #expect(throws: AccessRefusal.self) {
        try await control.admit(request, from: .process(user: user, group: user))
      }
      #expect(error?.message.contains(word) == true, "\(error?.message ?? "") says \(word)")
    }
  }

  @Test("the user database is asked once in five seconds, and a change counts after them")
  func cache() async throws {
    let machine = FakeMachine(Self.machine)
    let control = machine.control
    let peer = Peer.process(user: 1001, group: 1001)
    for _ in 0..<20 { _ = try await control.admit(plainRequest(.post, "/v1/jobs"), from: peer) }
    #expect(machine.questions.withLock { $0 } == 1)
    machine.users.withLock { $0[1001]?.groups = [1001] }
    machine.time.withLock { $0 = 4.9 }
    _ = try await control.admit(plainRequest(.post, "/v1/jobs"), from: peer)
    machine.time.withLock { $0 = 5.1 }
    await #expect(throws: AccessRefusal.self) { try await control.admit(plainRequest(.post, "/v1/jobs"), from: peer) }
    #expect(machine.questions.withLock { $0 } == 2)
  }

  @Test("root and the daemon's user get in without the user database, which may hang")
  func withoutDatabase() async throws {
    let machine = FakeMachine(Self.machine)
    let control = machine.control
    for user: uid_t in [0, 900] {
      let reload = plainRequest(.post, "/v1/configuration/reload")
      #expect(try await control.admit(reload, from: .process(user: user, group: user)).role == .administer)
    }
    #expect(machine.questions.withLock { $0 } == 0)
  }

  @Test("a peer that cannot be told has no role, and the program itself has every one")
  func others() async throws {
    let control = FakeMachine(Self.machine).control
    await #expect(throws: AccessRefusal.self) {
      try await control.admit(plainRequest(.get, "/v1/status"), from: .unknown)
    }
    let reload = plainRequest(.post, "/v1/configuration/reload")
    #expect(try await control.admit(reload, from: .inProcess).role == .administer)
  }

  @Test("a request from a web page is refused on the Unix socket")
  func browserOnSocket() async {
    let control = FakeMachine(Self.machine).control
    await #expect(throws: AccessRefusal.self) {
      try await control.admit(
        plainRequest(.post, "/v1/jobs", [.origin: "http://localhost"]), from: .process(user: 0, group: 0))
    }
  }

  @Test("the machine's own database knows root, and no user or group that is made up")
  func systemDatabase() {
    let system = UserDatabase.system
    #expect(system.user(0)?.name == "root")
    #expect(system.user(0)?.groups.contains(0) == true)
    #expect(system.group("root") == 0)
    #expect(system.group("no-such-group-of-odu") == nil)
    #expect(system.user(3_999_999_999) == nil)
  }
}
