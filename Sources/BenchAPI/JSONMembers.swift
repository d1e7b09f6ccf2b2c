/// The members of a JSON object as pieces of its text, found without making anything of what is in them: a record of a
/// mebibyte of events costs little when only its other members are wanted.
public enum JSONMembers {
  /// The texts of some members of the object; those that it lacks are left out.
  ///
  /// - Returns: nil when the text is no JSON object. Inside the members it may still be wrong.
  public static func find(_ names: Set<String>, in text: [UInt8]) -> [String: ArraySlice<UInt8>]? {
    text.withUnsafeBufferPointer { buffer in
      var scanner = Scanner(text: buffer)
      return scanner.members(names)?.mapValues { text[$0] }
    }
  }

  private struct Scanner {
    let text: UnsafeBufferPointer<UInt8>
    var place = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    mutating func members(_ names: Set<String>) -> [String: Range<Int>]? {
      var found: [String: Range<Int>] = [:]
      guard take(UInt8(ascii: "{")) else { return nil }
      if take(UInt8(ascii: "}")) { return found }
      repeat {
        skipBlanks()
        let start = place
        guard skipString() else { return nil }
        let name = String(decoding: text[start + 1..<place - 1], as: UTF8.self)
        guard take(UInt8(ascii: ":")), let value = value() else { return nil }
        if names.contains(name) { found[name] = value }
      } while take(UInt8(ascii: ","))
      return take(UInt8(ascii: "}")) ? found : nil
    }

    /// One value, to its end.
    private mutating func value() -> Range<Int>? {
      skipBlanks()
      let start = place
      var depth = 0
      while place < text.count {
        switch text[place] {
        case UInt8(ascii: "\""):
          guard skipString() else { return nil }
          if depth == 0 { return start..<place }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth += 1
          place += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          if depth == 0 { return start < place ? start..<place : nil }
          depth -= 1
          place += 1
          if depth == 0 { return start..<place }
        case UInt8(ascii: ",") where depth == 0: return start < place ? start..<place : nil
        default: place += 1
        }
      }
      return nil
    }

    private mutating func skipString() -> Bool {
      guard place < text.count, text[place] == UInt8(ascii: "\"") else { return false }
      place += 1
      while place < text.count {
        switch text[place] {
        case UInt8(ascii: "\\"): place += 2
        case UInt8(ascii: "\""):
          place += 1
          return true
        default: place += 1
        }
      }
      return false
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      skipBlanks()
      guard place < text.count, text[place] == byte else { return false }
      place += 1
      return true
    }

    private mutating func skipBlanks() {
      while place < text.count, [0x20, 0x0A, 0x0D, 0x09].contains(text[place]) { place += 1 }
    }
  }
}
