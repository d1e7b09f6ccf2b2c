import Foundation
import Testing

@Suite("open")
struct PageCommandTests {
  @Test("only the daemon's own page with the token reaches the daemon, and Ctrl-C ends it")
  func gate() throws {
    let daemon = try RunningDaemon()
    let page = try OpenPage(socket: daemon.socket)
    let own = ["Authorization: Bearer \(page.token)"]
    func status(_ path: String, _ fields: [String] = [], host: String? = nil) throws -> Int {
      try page.get(path, fields, host: host).status
    }
    #expect(try page.get("/").text.contains("<html"))
    #expect(try page.get("/v1/status", own).text.contains("\"version\""))
    #expect(try status("/v1/status") == 401)
    #expect(try status("/v1/status", ["Authorization: Bearer \(String(page.token.reversed()))"]) == 401)
    #expect(try status("/v1/status?token=\(page.token)") == 401)
    #expect(try status("/healthz", own + ["Origin: http://127.0.0.1:\(page.port)"]) == 200)
    #expect(try status("/healthz", own + ["Origin: http://127.0.0.1:1"]) == 403)
    #expect(try status("/healthz", own + ["Origin: null"]) == 403)
    #expect(try status("/healthz", own, host: "bench.example:\(page.port)") == 421)
    #expect(page.program.end(with: SIGINT) == 0)
  }

  @Test("a job that the page starts and the events that it follows come through")
  func passage() throws {
    let daemon = try RunningDaemon()
    let page = try OpenPage(socket: daemon.socket)
    let own = ["Authorization: Bearer \(page.token)"]
    let job = try page.send("POST", "/v1/jobs", own, body: #"{"kind": "calibrate"}"#)
    #expect(job.status == 202)
    // The stream ends with the job.
    let events = try page.get("/v1/jobs/0001-calibrate/events", own)
    #expect(events.status == 200)
    #expect(events.text.contains(#""state":"succeeded""#))
    #expect(try page.get("/v1/camera/latest?format=png", own).status == 200)
  }

  @Test("--print with --url prints the address of a daemon on TCP and ends")
  func address() throws {
    let program = try Program.run(["open", "--url", "https://bench.example:8443", "--print", "--json"])
    #expect(program.status == 0)
    #expect((try program.json() as? [String: String])?["url"] == "https://bench.example:8443")
  }
}
