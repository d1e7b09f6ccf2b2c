import Foundation

/// Arrays of numbers are coded as their little-endian bytes: short, and the same bit for bit when they return.
extension KeyedEncodingContainer {
  mutating func encode<Number: BinaryFloatingPoint>(numbers: [Number], forKey key: Key) throws {
    try encode(numbers.withUnsafeBytes { Data($0) }, forKey: key)
  }
}

extension KeyedDecodingContainer {
  func decodeNumbers<Number: BinaryFloatingPoint>(forKey key: Key) throws -> [Number] {
    let bytes = try decode(Data.self, forKey: key)
    let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: MemoryLayout<Number>.stride)
    guard rest == 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(bytes.count) bytes are no whole count of numbers")
    }
    var numbers = [Number](repeating: 0, count: count)
    numbers.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    return numbers
  }
}
