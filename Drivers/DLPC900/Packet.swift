/// A message to or from the controller: flags, a sequence number, the length of the body, and the body. It travels in
/// reports of 64 bytes, of which only the first has the header; what the last one has too much is zero.
///
/// Source: TI DLPU018J, sections 1.2.1–1.2.3.
package struct Packet: Equatable {
  package static let reportSize = 64
  /// Bytes of flags, sequence number and length.
  package static let headerSize = 4
  /// Bytes of the longest body; the command buffer of the controller holds 512 bytes.
  package static let maximumBody = 508

  package struct Flags: OptionSet, Equatable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The command reads; without it, it writes.
    package static let read = Flags(rawValue: 0x80)
    package static let replyWanted = Flags(rawValue: 0x40)
    /// In a reply: the command is unknown or failed.
    package static let failed = Flags(rawValue: 0x20)
  }

  package var flags: Flags
  package var sequence: UInt8
  /// Command and its data, or the data of a reply.
  package var body: [UInt8]

  package init(flags: Flags, sequence: UInt8, body: [UInt8]) {
    self.flags = flags
    self.sequence = sequence
    self.body = body
  }

  /// The message without padding.
  package var bytes: [UInt8] {
    [flags.rawValue, sequence, UInt8(truncatingIfNeeded: body.count), UInt8(truncatingIfNeeded: body.count >> 8)] + body
  }

  /// The message in the reports that it travels in.
  package var reports: [[UInt8]] {
    let bytes = bytes
    return stride(from: 0, to: bytes.count, by: Self.reportSize).map { start in
      let part = bytes[start..<min(start + Self.reportSize, bytes.count)]
      return part + [UInt8](repeating: 0, count: Self.reportSize - part.count)
    }
  }
}

/// Puts messages together from the reports that they arrive in.
package struct PacketAssembler {
  private var partial: Packet?
  private var missing = 0

  package init() {}

  /// Takes the next report.
  /// - Returns: the message that it completes, or nil.
  /// - Throws: ``MalformedPacket``; whatever was put together so far is forgotten then.
  package mutating func append(_ report: [UInt8]) throws -> Packet? {
    var data = report[...]
    var packet: Packet
    if let begun = partial {
      packet = begun
    } else {
      guard data.count >= Packet.headerSize else { throw MalformedPacket(reason: "a report of \(data.count) bytes") }
      missing = Int(data[2]) | Int(data[3]) << 8
      guard missing <= Packet.maximumBody else { throw MalformedPacket(reason: "a length of \(missing) bytes") }
      packet = Packet(flags: Packet.Flags(rawValue: data[0]), sequence: data[1], body: [])
      data = data.dropFirst(Packet.headerSize)
    }
    let part = data.prefix(missing)
    guard !part.isEmpty || missing == 0 else {
      partial = nil
      throw MalformedPacket(reason: "an empty report")
    }
    packet.body += part
    missing -= part.count
    partial = missing > 0 ? packet : nil
    return missing > 0 ? nil : packet
  }
}

/// Reports that are not a message of the protocol.
package struct MalformedPacket: Error, Equatable {
  package let reason: String
}
