import Concurrency
import DLPC900
import Devices

/// A DLPC900 in memory: it takes reports, carries out commands and keeps what its panel shows.
final class FakeController: HIDTransport {
  /// What goes wrong.
  struct Faults {
    /// No reply to anything.
    var isMute = false
    /// Refuses the command of this code with this error.
    var refuses: (code: UInt16, error: UInt8)?
    /// Replies that nobody waits for, sent before each proper one.
    var staleReplies: [[UInt8]] = []
    /// Gone after this many more reports.
    var reportsUntilGone: Int?
    /// The sequencer starts and stops only after this many status reads.
    var statusDelay = 0
    var hardwareStatus: UInt8 = 0x11
  }

  struct State {
    var faults = Faults()
    var panel: DLPC900Panel
    var saysWhatItIs = true
    var power: UInt8 = 0
    var mode: UInt8 = 1
    var runs = false
    var error: UInt8 = 0
    /// The pattern table: bit depth, image and bit position.
    var table: [Int: (depth: Int, image: Int, position: Int)] = [:]
    var entries = 0
    var order: [Int] = []
    var announced: [UInt16: (image: Int, bytes: Int)] = [:]
    var images: [UInt16: [Int: [UInt8]]] = [:]
    /// What the panel showed at each start.
    var shown: [[UInt8]] = []
    var commands: [UInt16] = []
    var sequences: [UInt8] = []
    var received: [UInt8] = []
    var replies: [[UInt8]] = []
    var pendingStatus: [Bool] = []
  }

  let state: Locked<State>
  let serial: String?

  init(_ panel: DLPC900Panel = .dlp5500, serial: String? = nil) {
    state = Locked(State(panel: panel))
    self.serial = serial
  }

  func set(_ change: (inout Faults) -> Void) { state.withLock { change(&$0.faults) } }

  var shown: [[UInt8]] { state.withLock { $0.shown } }

  func write(_ report: [UInt8]) throws {
    try state.withLock { state in
      if let left = state.faults.reportsUntilGone {
        guard left > 0 else { throw DeviceError.disconnected(device: "fake", reason: "unplugged") }
        state.faults.reportsUntilGone = left - 1
      }
      state.received += report
      let length = Int(state.received[2]) | Int(state.received[3]) << 8
      guard state.received.count >= length + 4 else { return }
      let message = Array(state.received.prefix(length + 4))
      state.received = []
      state.carryOut(message)
    }
  }

  func read(timeout: Double) throws -> [UInt8]? {
    try state.withLock { state in
      if state.faults.reportsUntilGone == 0 { throw DeviceError.disconnected(device: "fake", reason: "unplugged") }
      return state.replies.isEmpty ? nil : state.replies.removeFirst()
    }
  }
}

extension FakeController.State {
  fileprivate mutating func carryOut(_ message: [UInt8]) {
    let code = UInt16(message[4]) | UInt16(message[5]) << 8
    let data = Array(message.dropFirst(6))
    commands.append(code)
    sequences.append(message[1])
    var result: [UInt8]? = []
    if let refusal = faults.refuses, refusal.code == code {
      error = refusal.error
      result = nil
    } else if message[0] & 0x80 != 0 {
      result = answer(code)
    } else {
      error = write(code, data, acknowledged: message[0] & 0x40 != 0)
      if error != 0 { result = nil }
    }
    guard message[0] & 0x40 != 0, !faults.isMute else { return }
    replies += faults.staleReplies
    let body = result ?? []
    let flags = message[0] | (result == nil ? 0x20 : 0)
    let reply = [flags, message[1], UInt8(body.count & 0xFF), UInt8(body.count >> 8)] + body
    for start in stride(from: 0, to: reply.count, by: 64) {
      let part = Array(reply[start..<min(start + 64, reply.count)])
      replies.append(part + [UInt8](repeating: 0, count: 64 - part.count))
    }
  }

  private mutating func answer(_ code: UInt16) -> [UInt8]? {
    switch code {
    case 0x0100: return [error]
    case 0x0101: return Array("Error text".utf8) + [UInt8](repeating: 0, count: 118)
    case 0x0200: return [power]
    case 0x0206:
      let number = DLPC900Panel.allCases.firstIndex(of: panel).map { UInt8($0 + 1) } ?? 0
      return [saysWhatItIs ? number : 0] + Array("firmware".utf8)
    case 0x1A0A: return [faults.hardwareStatus]
    case 0x1A0B: return [1]
    case 0x1A0C:
      if !pendingStatus.isEmpty { runs = pendingStatus.removeFirst() }
      return [(runs ? 2 : 0) | (power == 0 ? 0 : 1)]
    case 0x1A1B: return [mode]
    default: return nil
    }
  }

  /// The number of the error, as the device gives it.
  private mutating func write(_ code: UInt16, _ data: [UInt8], acknowledged: Bool) -> UInt8 {
    func word(_ place: Int) -> Int { Int(data[place]) | Int(data[place + 1]) << 8 }
    switch code {
    case 0x0200: power = data[0]
    case 0x1A1B:
      if runs { return 5 }
      mode = data[0]
    case 0x1A24: return sequence(data[0])
    case 0x1A34:
      if runs || mode != 3 { return 5 }
      table[word(0)] = (Int(data[5] >> 1 & 7) + 1, word(10) & 0x7FF, word(10) >> 11)
      images = [:]
    case 0x1A31:
      if runs { return 5 }
      entries = word(0)
      order = Array(0..<entries)
      images = [:]
    case 0x1A32:
      if runs { return 5 }
      order = (0..<word(0)).map { word(6 + 2 * $0) }
      if order.contains(where: { $0 >= entries }) { return 15 }
    case 0x1A2A, 0x1A2C:
      announced[code] = (word(0), word(2) | word(4) << 16)
      images[code, default: [:]][word(0)] = []
    case 0x1A2B, 0x1A2D:
      guard let image = announced[code - 1]?.image, word(0) == data.count - 2, word(0) <= 504 else { return 6 }
      // With a reply to each part, image data come out corrupted.
      images[code - 1, default: [:]][image]? += acknowledged ? [0xFF] : data[2...]
    default: return 3
    }
    return 0
  }

  private mutating func sequence(_ action: UInt8) -> UInt8 {
    let willRun = action == 2
    if willRun {
      guard mode == 3, power == 0, let pattern = visible() else { return 16 }
      shown.append(pattern)
    }
    if faults.statusDelay == 0 {
      runs = willRun
    } else {
      pendingStatus = [Bool](repeating: runs, count: faults.statusDelay) + [willRun]
    }
    return 0
  }

  /// The levels that the table's only pattern has on the panel; nil when there is no such single pattern.
  private func visible() -> [UInt8]? {
    guard order.count == 1, let entry = table[order[0]] else { return nil }
    let codes: [UInt16] = panel == .dlp6500 || panel == .dlp5500 ? [0x1A2A] : [0x1A2A, 0x1A2C]
    let halves = codes.compactMap { code -> PatternImage? in
      guard let data = images[code]?[entry.image], data.count == announced[code]?.bytes, data.count > 48 else {
        return nil
      }
      return decode(data)
    }
    guard halves.count == codes.count, let height = halves.first?.height else { return nil }
    var levels: [UInt8] = []
    for y in 0..<height {
      for half in halves {
        levels += half.pixels[y * half.width..<(y + 1) * half.width].map {
          UInt8(truncatingIfNeeded: $0 >> UInt32(entry.position)) & UInt8(1 << entry.depth - 1)
        }
      }
    }
    return levels.count == panel.width * panel.height ? levels : nil
  }

  private func decode(_ data: [UInt8]) -> PatternImage? {
    let width = Int(data[4]) | Int(data[5]) << 8
    let height = Int(data[6]) | Int(data[7]) << 8
    let size = Int(data[8]) | Int(data[9]) << 8 | Int(data[10]) << 16
    let compression = Compression.allCases.first { $0.code == data[25] }
    guard data.prefix(4).elementsEqual("Spld".utf8), size == data.count - 48, let compression else { return nil }
    return try? PatternImage(
      decoding: Array(data.dropFirst(48)), width: width, height: height, compression: compression)
  }
}
