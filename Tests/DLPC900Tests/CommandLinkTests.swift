import Concurrency
import DLPC900
import Devices
import Testing

@Suite struct CommandLinkTests {
  private let device = FakeController()
  private func link() -> CommandLink { CommandLink(device: "test", transport: device) }

  /// The error of a call, which must be a failure of the device.
  private func failure(_ body: () throws -> Void) -> (operation: String, reason: String)? {
    do { try body() } catch DeviceError.failed(_, let operation, let reason) { return (operation, reason) } catch {}
    return nil
  }

  @Test("replies of other commands are passed over, long ones in all their reports")
  func staleReplies() throws {
    var long = Packet(flags: [.read, .replyWanted], sequence: 200, body: [UInt8](repeating: 0xC0, count: 150)).reports
    long.append([0xC0, 77, 1, 0, 99])
    device.set { [long] in $0.staleReplies = long }
    var link = link()
    for _ in 0..<70 { #expect(try link.byte(.readSystemStatus) == 1) }
    #expect(device.state.withLock { $0.replies.isEmpty })
  }

  @Test("what waits from before the first command is cleared")
  func drained() throws {
    // It even has the number of the command that comes first, and the wrong answer.
    device.state.withLock { $0.replies = [[0xC0, 1, 1, 0, 55], [1, 2], [], [0xC0, 1, 90, 0, 3]] }
    var link = link()
    #expect(try link.byte(.readSystemStatus) == 1)
  }

  @Test("sequence numbers count on past 255")
  func sequenceNumbers() throws {
    var link = link()
    for _ in 0..<600 { try link.send(.readMainStatus) }
    let numbers = device.state.withLock { $0.sequences }
    #expect(numbers == (1...600).map { UInt8(truncatingIfNeeded: $0) })
  }

  @Test("a device that does not answer fails, and works again when it does")
  func silence() throws {
    var link = link()
    device.set { $0.isMute = true }
    let error = try #require(failure { try link.send(.readMainStatus) })
    #expect(error.operation == "reading the main status")
    #expect(error.reason.contains("no reply"))
    device.set { $0.isMute = false }
    // The reply that comes too late must not be taken for the next one.
    device.state.withLock { $0.replies = [[0xC0, 1, 1, 0, 0xEE]] }
    #expect(try link.byte(.readSystemStatus) == 1)
  }

  @Test("a device that sends without end fails")
  func babble() throws {
    device.set { $0.staleReplies = [[UInt8]](repeating: [0xC0, 250, 1, 0, 1], count: 400) }
    var link = link()
    let error = try #require(failure { try link.send(.readMainStatus) })
    #expect(error.reason.contains("none was the reply"))
  }

  @Test("reports that trickle in and are no reply do not prolong the wait for one")
  func trickle() throws {
    let device = Trickle()
    var link = CommandLink(device: "test", transport: device, clock: device)
    let error = try #require(failure { try link.send(.readMainStatus) })
    #expect(error.reason.contains("no reply within 2.0 s"))
    // The first read, before the command, finds nothing.
    #expect(device.timeouts.first == 0.01)
    #expect(device.timeouts.dropFirst().map { ($0 * 10).rounded() / 10 } == [2, 1.5, 1, 0.5])
  }

  @Test("a refusal carries the device's own error")
  func refusal() throws {
    var link = link()
    device.set { $0.refuses = (0x1A34, 14) }
    let error = try #require(
      failure { try link.send(.define(PatternDefinition(index: 0, exposure: 1, image: 0))) })
    #expect(error.operation == "defining a pattern")
    #expect(error.reason.contains("the exposure is out of range (error 14), 'Error text'"))
  }

  @Test("an unplugged device is reported as such")
  func unplugged() {
    device.set { $0.reportsUntilGone = 0 }
    var link = link()
    #expect(throws: DeviceError.disconnected(device: "fake", reason: "unplugged")) { try link.send(.readMainStatus) }
  }

  @Test("an image that the device could not use is reported after the load")
  func lastCommand() throws {
    var link = link()
    try link.send(.load([1, 2, 3], on: .primary))
    let error = try #require(failure { try link.checkLastCommand("loading an image") })
    #expect(error.operation == "loading an image")
    #expect(error.reason.contains("error 6"))
  }
}

/// A device that sends a report of another command every half second, and the clock that shows it.
private final class Trickle: HIDTransport, BenchClock {
  private let state = Locked((now: UInt64(0), timeouts: [Double]()))

  var now: UInt64 { state.withLock { $0.now } }
  /// Seconds that each read would have waited.
  var timeouts: [Double] { state.withLock { $0.timeouts } }

  func wait(until deadline: UInt64) async throws {}
  func write(_ report: [UInt8]) throws {}

  func read(timeout: Double) throws -> [UInt8]? {
    state.withLock { state in
      state.timeouts.append(timeout)
      guard state.timeouts.count > 1 else { return nil }
      state.now += 500_000_000
      return [0xC0, 250, 1, 0, 1]
    }
  }
}
