import Foundation

/// Complex numbers on a square, row by row.
struct Field: Sendable {
  let side: Int
  var re: [Double]
  var im: [Double]

  init(side: Int) {
    self.side = side
    re = [Double](repeating: 0, count: side * side)
    im = re
  }

  mutating func multiply(by other: Field) {
    for index in re.indices {
      let (a, b, c, d) = (re[index], im[index], other.re[index], other.im[index])
      re[index] = a * c - b * d
      im[index] = a * d + b * c
    }
  }

  mutating func set(_ index: Int, phase: Double) {
    re[index] = cos(phase)
    im[index] = sin(phase)
  }
}

/// The discrete Fourier transform of squares whose side is a power of two, by the method of Cooley and Tukey (Math. Comp. 19,
/// 297 (1965)).
struct Fourier: Sendable {
  private let side: Int
  private let cosines: [Double]
  private let sines: [Double]
  private let reversed: [Int]

  init(_ side: Int) {
    precondition(side > 1 && side & (side - 1) == 0, "the side of a square is a power of two")
    self.side = side
    let angles = (0..<side / 2).map { -2 * Double.pi * Double($0) / Double(side) }
    cosines = angles.map { cos($0) }
    sines = angles.map { sin($0) }
    let bits = side.trailingZeroBitCount
    reversed = (0..<side).map { index in
      (0..<bits).reduce(0) { $0 | (index >> $1 & 1) << (bits - 1 - $1) }
    }
  }

  /// Frequency of an index in units of the lowest one.
  static func frequency(_ index: Int, _ side: Int) -> Int { index < side / 2 ? index : index - side }

  func forward(_ field: inout Field) {
    for line in 0..<side { transform(&field, start: line * side, stride: 1) }
    for line in 0..<side { transform(&field, start: line, stride: side) }
  }

  /// The inverse of ``forward(_:)``: transformed with real and imaginary parts exchanged, and divided by the number of samples.
  func inverse(_ field: inout Field) {
    swap(&field.re, &field.im)
    forward(&field)
    swap(&field.re, &field.im)
    let scale = 1 / Double(side * side)
    for index in field.re.indices {
      field.re[index] *= scale
      field.im[index] *= scale
    }
  }

  private func transform(_ field: inout Field, start: Int, stride: Int) {
    field.re.withUnsafeMutableBufferPointer { re in
      field.im.withUnsafeMutableBufferPointer { im in
        for index in 0..<side where reversed[index] > index {
          re.swapAt(start + index * stride, start + reversed[index] * stride)
          im.swapAt(start + index * stride, start + reversed[index] * stride)
        }
        var half = 1
        while half < side {
          for block in Swift.stride(from: 0, to: side, by: 2 * half) {
            for index in 0..<half {
              let turn = index * (side / (2 * half))
              let (upper, lower) = (start + (block + index) * stride, start + (block + index + half) * stride)
              let a = re[lower] * cosines[turn] - im[lower] * sines[turn]
              let b = re[lower] * sines[turn] + im[lower] * cosines[turn]
              (re[lower], im[lower]) = (re[upper] - a, im[upper] - b)
              re[upper] += a
              im[upper] += b
            }
          }
          half *= 2
        }
      }
    }
  }
}
