/// JSON as RFC 8259 writes it, and no more of it than a request can need. Decoders forgive more, and each something else.
public struct StrictJSON {
  /// What a text is not.
  public struct Mistake: Error, Sendable, Equatable, CustomStringConvertible {
    /// The offset of the byte at which it shows.
    public let place: Int
    public let description: String

    init(_ place: Int, _ what: String) {
      self.place = place
      description = "this is no JSON: byte \(place): \(what)"
    }
  }

  /// Nested arrays and objects.
  public static let depthLimit = 64
  /// Values of all kinds, and names of members.
  public static let valueLimit = 65_536

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var depth = 0
  private var values = 0

  /// Reads a text to its end.
  ///
  /// - Throws: ``Mistake``.
  public static func check(_ bytes: [UInt8]) throws(Mistake) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Mistake(0, "it is no UTF-8") }
    let mistake = bytes.withUnsafeBufferPointer { buffer -> Mistake? in
      var reader = StrictJSON(bytes: buffer)
      do throws(Mistake) { try reader.document() } catch { return error }
      return nil
    }
    if let mistake { throw mistake }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func document() throws(Mistake) {
    try value()
    if place < bytes.count { throw Mistake(place, "something follows the end") }
  }

  // MARK: Values

  private mutating func value() throws(Mistake) {
    skipBlanks()
    values += 1
    guard values <= Self.valueLimit else { throw Mistake(place, "there are more than \(Self.valueLimit) values") }
    switch next {
    case UInt8(ascii: "{"): try members()
    case UInt8(ascii: "["): try elements()
    case UInt8(ascii: "\""): _ = try string()
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): try number()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case nil: throw Mistake(place, "a value is missing at the end")
    default: throw Mistake(place, "a value is missing")
    }
    skipBlanks()
  }

  private mutating func members() throws(Mistake) {
    try enter()
    skipBlanks()
    if take("}") { return leave() }
    var names: Set<[UInt8]> = []
    repeat {
      skipBlanks()
      let start = place
      guard next == UInt8(ascii: "\"") else { throw Mistake(place, "the name of a member is missing") }
      let name = try string()
      guard names.insert(name).inserted else { throw Mistake(start, "the member stands here for the second time") }
      skipBlanks()
      guard take(":") else { throw Mistake(place, "a colon is missing") }
      try value()
    } while take(",")
    guard take("}") else { throw Mistake(place, "a comma or the end of an object is missing") }
    leave()
  }

  private mutating func elements() throws(Mistake) {
    try enter()
    skipBlanks()
    if take("]") { return leave() }
    repeat { try value() } while take(",")
    guard take("]") else { throw Mistake(place, "a comma or the end of an array is missing") }
    leave()
  }

  private mutating func enter() throws(Mistake) {
    depth += 1
    guard depth <= Self.depthLimit else { throw Mistake(place, "it is nested deeper than \(Self.depthLimit)") }
    place += 1
  }

  private mutating func leave() { depth -= 1 }

  // MARK: Texts and numbers

  /// The bytes between the quotation marks.
  private mutating func string() throws(Mistake) -> [UInt8] {
    place += 1
    let start = place
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        return Array(bytes[start..<place - 1])
      case UInt8(ascii: "\\"): try escape()
      case ..<0x20: throw Mistake(place, "a control character stands in a text")
      default: place += 1
      }
    }
    throw Mistake(place, "a text does not end")
  }

  private mutating func escape() throws(Mistake) {
    place += 1
    switch next {
    case UInt8(ascii: "u"):
      place += 1
      for _ in 0..<4 {
        guard let digit = next, Character(UnicodeScalar(digit)).isHexDigit else {
          throw Mistake(place, "four hexadecimal digits are missing")
        }
        place += 1
      }
    case .some(let byte) where Array("\"\\/bfnrt".utf8).contains(byte): place += 1
    default: throw Mistake(place, "there is no such escape")
    }
  }

  private mutating func number() throws(Mistake) {
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
  }

  private mutating func digits() throws(Mistake) {
    let start = place
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    if place == start { throw Mistake(place, "a digit is missing") }
  }

  private mutating func word(_ word: StaticString) throws(Mistake) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[offset] else { throw Mistake(place, "a value is missing") }
      place += 1
    }
  }

  // MARK: Bytes

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let next, UInt32(next) == character.value else { return false }
    place += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }
}
