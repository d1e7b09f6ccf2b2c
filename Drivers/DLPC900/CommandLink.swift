import Devices

/// Sends commands and finds their replies: by sequence number, past whatever else still arrives.
package struct CommandLink {
  /// Seconds that a command may take, from what is cleared away before it to its reply.
  package static let replyTimeout = 2.0
  /// Seconds until nothing more is taken to arrive.
  private static let silence = 0.01
  /// Reports that are passed over before the device counts as confused.
  private static let staleLimit = 256

  /// What messages call the device.
  package let device: String
  private let transport: any HIDTransport
  private let clock: any BenchClock
  private var sequence: UInt8 = 0
  /// Whether reports that belong to nothing may be waiting.
  private var isUnsettled = true

  package init(device: String, transport: any HIDTransport, clock: any BenchClock = MonotonicClock()) {
    self.device = device
    self.transport = transport
    self.clock = clock
  }

  /// Carries out a command and returns the data of its reply.
  /// - Throws: ``DeviceError/failed(device:operation:reason:)`` when the device refuses, with its own words, and when it
  ///   does not answer; ``DeviceError/disconnected(device:reason:)``.
  @discardableResult
  package mutating func send(_ command: Command) throws -> [UInt8] {
    guard let reply = try exchange(command) else { return [] }
    guard reply.flags.contains(.failed) else { return reply.body }
    throw failure(command, "the device refuses: \(reasonForRefusal())")
  }

  /// The first byte that a command reads.
  package mutating func byte(_ command: Command) throws -> UInt8 {
    guard let byte = try send(command).first else { throw failure(command, "the reply is empty") }
    return byte
  }

  /// Checks that the device carried out the command before, which was not answered.
  package mutating func checkLastCommand(_ operation: String) throws {
    let code = try byte(.readErrorCode)
    if let description = errorDescription(code: code) {
      throw DeviceError.failed(device: device, operation: operation, reason: "\(description) (error \(code))")
    }
  }

  // MARK: - Replies

  /// Sends a command and waits for the reply, if it has one.
  private mutating func exchange(_ command: Command) throws -> Packet? {
    let deadline = clock.now + nanoseconds(Self.replyTimeout)
    if isUnsettled { try drain(before: deadline) }
    isUnsettled = true
    sequence &+= 1
    for report in command.packet(sequence: sequence).reports {
      guard clock.now < deadline else { throw failure(command, "it took longer than \(Self.replyTimeout) s to send") }
      try transport.write(report)
    }
    let reply = command.kind == .silentWrite ? nil : try reply(to: command, before: deadline)
    isUnsettled = false
    return reply
  }

  private func reply(to command: Command, before deadline: UInt64) throws -> Packet {
    var assembler = PacketAssembler()
    for _ in 0..<Self.staleLimit {
      let now = clock.now
      let left = deadline > now ? Double(deadline - now) * 1e-9 : 0
      guard left > 0, let report = try transport.read(timeout: left) else {
        throw failure(command, "no reply within \(Self.replyTimeout) s; switch the device off and on if that persists")
      }
      // What is not a message is passed over like one of another command.
      guard let packet = try? assembler.append(report), packet.sequence == sequence else { continue }
      return packet
    }
    throw failure(command, "\(Self.staleLimit) reports arrived and none was the reply")
  }

  private mutating func drain(before deadline: UInt64) throws {
    for _ in 0..<Self.staleLimit where clock.now < deadline {
      guard try transport.read(timeout: Self.silence) != nil else {
        isUnsettled = false
        return
      }
    }
    throw DeviceError.failed(
      device: device, operation: "clearing old replies", reason: "the device does not stop sending")
  }

  private mutating func reasonForRefusal() -> String {
    var parts: [String] = []
    if let code = (try? exchange(.readErrorCode))??.body.first, let description = errorDescription(code: code) {
      parts.append("\(description) (error \(code))")
    }
    if let text = (try? exchange(.readErrorText))??.body.prefix(while: { $0 != 0 }), !text.isEmpty {
      parts.append("'\(String(decoding: text, as: UTF8.self))'")
    }
    return parts.isEmpty ? "it gives no reason" : parts.joined(separator: ", ")
  }

  private func failure(_ command: Command, _ reason: String) -> DeviceError {
    .failed(device: device, operation: command.name, reason: reason)
  }
}
