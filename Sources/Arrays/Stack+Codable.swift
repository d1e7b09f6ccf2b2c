import Foundation

/// A stack is coded as its shape and its values' little-endian bytes, so that it returns bit for bit.
extension Stack: Codable where Scalar: Codable {
  private enum Key: String, CodingKey { case shape, values }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let shape = try container.decode([Int].self, forKey: .shape)
    let bytes = try container.decode(Data.self, forKey: .values)
    // Three lengths of this size and the size of a number have a product without overflow.
    guard shape.count == 3, shape.allSatisfy({ (0...1 << 19).contains($0) }),
      bytes.count == shape.reduce(1, *) * MemoryLayout<Scalar>.stride
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container, debugDescription: "\(bytes.count) bytes do not fill a stack of shape \(shape)")
    }
    let values = [Scalar](unsafeUninitializedCapacity: shape.reduce(1, *)) { buffer, count in
      count = shape.reduce(1, *)
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
    }
    self.init(count: shape[0], height: shape[1], width: shape[2], values: values)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode([count, height, width], forKey: .shape)
    try container.encode(values.withUnsafeBytes { Data($0) }, forKey: .values)
  }
}
