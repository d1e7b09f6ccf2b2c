import BenchAPI
import Jobs
import Testing

@Suite struct EventLogTests {
  @Test("only the latest progress of each phase is kept")
  func progress() {
    var log = EventLog(capacity: 100)
    for step in 1...50 {
      log.append(.progress(JobProgress(phase: "a", completed: step, total: 50)), time: 0)
      log.append(.progress(JobProgress(phase: "b", completed: step, total: 50)), time: 0)
    }
    #expect(log.events.map(\.sequence) == [99, 100])
  }

  @Test(
    "a log from a file goes on, whatever number its last event has", arguments: [Int.min, -1, 7, Int.max - 1, Int.max])
  func foreignNumbers(last: Int) {
    var log = EventLog(
      capacity: 100, events: [JobEvent(sequence: last, time: 0, content: .state(.queued, message: nil))])
    log.skip()
    log.append(.log("x"), time: 1)
    #expect(log.events.count == 2 && log.lastSequence > 0)
  }

  @Test("a full log keeps every state and the whole range of a curve")
  func thinning() {
    var log = EventLog(capacity: 64)
    log.append(.state(.queued, message: nil), time: 0)
    log.append(.state(.running, message: nil), time: 0)
    for step in 0..<1000 { log.append(.metrics(phase: "a", step: step, values: ["x": 1]), time: 0) }
    log.append(.state(.succeeded, message: nil), time: 0)
    #expect(log.events.count <= 64)
    #expect(log.events.filter { $0.type == "state" }.count == 3)
    let steps = log.events.compactMap { if case .metrics(_, let step, _) = $0.content { step } else { nil } }
    let gaps = Set(zip(steps, steps.dropFirst()).map { $1 - $0 })
    #expect(steps.first == 0 && steps.count > 16 && gaps.count == 1)
  }

  @Test("a flood of log lines costs the oldest lines, no curve and no state")
  func lines() {
    var log = EventLog(capacity: 64)
    log.append(.state(.queued, message: nil), time: 0)
    for step in 0..<20 { log.append(.metrics(phase: "a", step: step, values: ["x": 1]), time: 0) }
    for line in 0..<1000 { log.append(.log("\(line)"), time: 0) }
    #expect(log.events.count <= 64)
    #expect(log.events.count { $0.type == "metrics" } == 20)
    #expect(log.events.first?.content == .state(.queued, message: nil))
    #expect(log.events.last?.content == .log("999"))
  }

  @Test("events after a sequence number are those with a larger one, whatever was thinned out")
  func after() {
    var log = EventLog(capacity: 16)
    for step in 0..<100 { log.append(.log("\(step)"), time: 0) }
    for sequence in 0...100 {
      #expect(Array(log.events(after: sequence)) == log.events.filter { $0.sequence > sequence })
    }
  }

  @Test("every kind of event survives its JSON, numbers that JSON lacks included")
  func coding() throws {
    let contents: [JobEvent.Content] = [
      .state(.failed, message: "why"), .state(.queued, message: nil), .log("line"),
      .progress(JobProgress(phase: "p", completed: 1, total: 2, rate: 0.5, timeLeft: 2)),
      .metrics(phase: "p", step: 3, values: ["a": .infinity, "b": -.infinity, "c": 0.1]),
    ]
    for (index, content) in contents.enumerated() {
      let event = JobEvent(sequence: index, time: 1.5, content: content)
      #expect(try APICoding.decode(JobEvent.self, from: APICoding.encode(event)) == event)
    }
  }
}
