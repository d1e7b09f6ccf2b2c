import Arrays
import DLPC900
import Testing

@Suite struct PacketTests {
  @Test("reads and writes are framed as in TI's examples")
  func examples() throws {
    // DLPU018J, tables 1-5 and 1-7, without the report number.
    let read = Command("", .read, 0x1100).packet(sequence: 0x11)
    #expect(read.bytes == [0xC0, 0x11, 0x02, 0x00, 0x00, 0x11])
    let write = Command("", .silentWrite, 0x1100, [0xFF, 0x01, 0xFF, 0x01, 0xFF, 0x01]).packet(sequence: 0x12)
    #expect(write.bytes == [0x00, 0x12, 0x08, 0x00, 0x00, 0x11, 0xFF, 0x01, 0xFF, 0x01, 0xFF, 0x01])
  }

  @Test("a reply is read as in TI's example")
  func reply() throws {
    var assembler = PacketAssembler()
    let report: [UInt8] = [0xC0, 0x11, 0x06, 0x00, 0xFF, 0x01, 0xFF, 0x01, 0xFF, 0x01]
    let reply = try #require(try assembler.append(report + [UInt8](repeating: 0xAA, count: 54)))
    #expect(reply.sequence == 0x11)
    #expect(reply.body == [0xFF, 0x01, 0xFF, 0x01, 0xFF, 0x01])
    #expect(!reply.flags.contains(.failed))
  }

  @Test("bodies of every length survive the way through reports of 64 bytes")
  func everyLength() throws {
    let random = CounterRandom(seed: 1)
    for length in 0...Packet.maximumBody {
      let body = (0..<length).map { UInt8(truncatingIfNeeded: random.bits(at: UInt64(length * 1000 + $0))) }
      let packet = Packet(flags: [.read, .replyWanted], sequence: UInt8(truncatingIfNeeded: length), body: body)
      let reports = packet.reports
      #expect(reports.count == (length + 4 + 63) / 64)
      #expect(reports.allSatisfy { $0.count == 64 })
      // The continuation is raw: all reports in a row are the message and nothing else.
      #expect(Array(reports.joined().prefix(length + 4)) == packet.bytes)
      var assembler = PacketAssembler()
      for report in reports.dropLast() { #expect(try assembler.append(report) == nil) }
      #expect(try assembler.append(try #require(reports.last)) == packet)
    }
  }

  @Test("what is no message is refused, and the next one is read again")
  func malformed() throws {
    var assembler = PacketAssembler()
    #expect(throws: MalformedPacket.self) { try assembler.append([0xC0, 1]) }
    #expect(throws: MalformedPacket.self) {
      try assembler.append([0xC0, 1, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 60))
    }
    #expect(try assembler.append([0xC0, 1, 100, 0] + [UInt8](repeating: 7, count: 60)) == nil)
    #expect(throws: MalformedPacket.self) { try assembler.append([]) }
    #expect(try assembler.append([0xC0, 2, 1, 0, 9])?.body == [9])
  }
}

@Suite struct CommandTests {
  @Test("pattern definitions are those of TI's example of a sequence")
  func definitions() {
    // DLPU018J, section 5.3: 200 µs, red, 1 bit; 400 µs, green, 2 bits, from bit 1 on.
    var first = PatternDefinition(index: 0, exposure: 200, image: 0)
    first.colour = .red
    first.clearsAfterExposure = true
    #expect(first.bytes == [0x00, 0x00, 0xC8, 0x00, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00])
    var second = PatternDefinition(index: 1, exposure: 400, image: 0)
    second.colour = .green
    second.clearsAfterExposure = true
    second.bitDepth = 2
    second.bitPosition = 1
    #expect(second.bytes == [0x01, 0x00, 0x90, 0x01, 0x00, 0x23, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08])
    #expect(Command.define(first).code == 0x1A34)
  }

  @Test("dark time, trigger and image stand at their bits")
  func definitionFields() {
    var definition = PatternDefinition(index: 0x0102, exposure: 0x0A0B0C, image: 0x7FF)
    definition.darkTime = 0x0D0E0F
    definition.bitDepth = 8
    definition.bitPosition = 16
    definition.waitsForTrigger = true
    definition.disablesTriggerOutput2 = true
    #expect(
      definition.bytes == [0x02, 0x01, 0x0C, 0x0B, 0x0A, 0xFE, 0x0F, 0x0E, 0x0D, 0x01, 0xFF, 0x87])
  }

  @Test("the other commands of TI's example of a sequence")
  func sequence() {
    #expect(Command.select(.patternOnTheFly).packet(sequence: 0).body == [0x1B, 0x1A, 0x03])
    #expect(Command.configureTable(entries: 2).packet(sequence: 0).body == [0x31, 0x1A, 2, 0, 0, 0, 0, 0])
    #expect(
      Command.beginLoad(image: 0, bytes: 6057, on: .primary).packet(sequence: 0).body
        == [0x2A, 0x1A, 0, 0, 0xA9, 0x17, 0, 0])
    #expect(Command.beginLoad(image: 1, bytes: 1, on: .secondary).code == 0x1A2C)
    let load = Command.load([UInt8](repeating: 5, count: 504)[...], on: .primary)
    #expect(load.packet(sequence: 0x13).bytes.prefix(8) == [0x00, 0x13, 0xFC, 0x01, 0x2B, 0x1A, 0xF8, 0x01])
    #expect(load.packet(sequence: 0).bytes.count == 512)
    #expect(Command.load([9, 9][1...], on: .secondary).packet(sequence: 0).body == [0x2D, 0x1A, 1, 0, 9])
    #expect(Command.sequencer(.start).packet(sequence: 0).body == [0x24, 0x1A, 2])
    #expect(Command.reorder([5]).packet(sequence: 0).body == [0x32, 0x1A, 1, 0, 0, 0, 0, 0, 5, 0])
  }

  @Test("only loads of image data want no reply")
  func replies() {
    #expect(Command.load([1], on: .primary).packet(sequence: 0).flags == [])
    #expect(Command.sequencer(.stop).packet(sequence: 0).flags == [.replyWanted])
    #expect(Command.readMainStatus.packet(sequence: 0).flags == [.read, .replyWanted])
  }
}
