/// The header of an `.npy` file: a Python dictionary with the keys `descr`, `fortran_order` and `shape`.
struct NPYHeader {
  var type: NPYType
  var shape: [Int]
  /// Whether the first index varies fastest, as MATLAB and Julia store arrays.
  var isFortranOrder: Bool

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The header and the position of the first data byte.
  static func parse(_ bytes: [UInt8], source: String) throws -> (NPYHeader, Int) {
    func malformed(_ place: String, _ expected: String) -> FilesError {
      .malformed(file: source, place: place, expected: expected)
    }
    guard bytes.count >= 10, Array(bytes[..<6]) == magic else {
      let remedy = ForeignFormat(bytes: bytes) ?? ForeignFormat(name: source)
      throw malformed(
        "byte 0",
        "a NumPy file, which starts with \\x93NUMPY and a version" + (remedy.map { "; this is \($0.remedy)" } ?? ""))
    }
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw malformed("byte 6", "version 1.0, 2.0 or 3.0, found \(bytes[6]).\(bytes[7])")
    }
    let lengthSize = bytes[6] == 1 ? 2 : 4
    let start = 8 + lengthSize
    guard bytes.count >= start else { throw malformed("byte 8", "the length of the header, found the end of the file") }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - start else {
      throw malformed("byte 8", "a header of \(length) bytes, found \(bytes.count - start)")
    }
    let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
    var parser = PythonLiteralParser(text)
    guard let fields = parser.dictionary(), fields.count == 3, case .text(let descr)? = fields["descr"],
      case .truth(let fortran)? = fields["fortran_order"], case .integers(let shape)? = fields["shape"]
    else {
      throw malformed(
        "header", "a dictionary of descr, fortran_order and shape for plain numbers, found \(text.prefix(80))")
    }
    guard let type = NPYType(rawValue: descr) else {
      let known = NPYType.allCases.map(\.rawValue).joined(separator: " ")
      throw malformed("header: descr", "one of \(known) (little-endian), found \(descr)")
    }
    guard shape.count <= 32 else { throw malformed("header: shape", "at most 32 dimensions, found \(shape.count)") }
    return (NPYHeader(type: type, shape: shape, isFortranOrder: fortran), start + length)
  }
}

/// Reads the few Python literals that occur in a header.
private struct PythonLiteralParser {
  enum Value {
    case text(String)
    case truth(Bool)
    case integers([Int])
  }

  private var rest: Substring.UTF8View

  init(_ text: String) { rest = Substring(text).utf8 }

  mutating func dictionary() -> [String: Value]? {
    guard take("{") else { return nil }
    var fields: [String: Value] = [:]
    while !take("}") {
      guard case .text(let key)? = value(), take(":"), let value = value(),
        fields.updateValue(value, forKey: key) == nil
      else { return nil }
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpace()
    return rest.isEmpty ? fields : nil
  }

  private mutating func value() -> Value? {
    if take("True") { return .truth(true) }
    if take("False") { return .truth(false) }
    if take("(") { return tuple().map(Value.integers) }
    for quote in ["'", "\""] where take(quote) {
      let text = String(Substring(rest.prefix { $0 != quote.utf8.first }))
      rest = rest.dropFirst(text.utf8.count)
      return take(quote) ? .text(text) : nil
    }
    return nil
  }

  private mutating func tuple() -> [Int]? {
    var integers: [Int] = []
    while !take(")") {
      skipSpace()
      let digits = rest.prefix { (48...57).contains($0) }
      guard let integer = Int(Substring(digits)) else { return nil }
      rest = rest.dropFirst(digits.count)
      _ = take("L")
      integers.append(integer)
      if !take(",") { return take(")") ? integers : nil }
    }
    return integers
  }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard rest.starts(with: token.utf8) else { return false }
    rest = rest.dropFirst(token.utf8.count)
    return true
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == 32 || $0 == 9 || $0 == 10 || $0 == 13 }
  }
}
