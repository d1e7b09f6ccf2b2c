import Arrays
import Numerics
import Optics
import Testing
import Twin

@Suite struct EncoderTests {
  private func encoder(
    _ encoding: InputDescription.Encoding, size: Int = 3, block: Int = 2, levels: Int? = nil, grid: Int = 9,
    sampling: Int = 2
  ) -> InputEncoder<Double> {
    InputEncoder(
      InputDescription(size: size, block: block, encoding: encoding, levels: levels), grid: grid, sampling: sampling)
  }

  private func amplitude(_ encoder: InputEncoder<Double>, _ image: [Double], side: Int = 18) -> [Double] {
    var plane = [Double](repeating: .nan, count: side * side)
    encoder.encode(image, amplitude: &plane)
    return plane
  }

  private func field(_ encoder: InputEncoder<Double>, _ image: [Double], side: Int = 18) -> [Complex<Double>] {
    var plane = [Double](repeating: .nan, count: 2 * side * side)
    encoder.encode(image, field: &plane)
    return (0..<side * side).map { Complex(plane[2 * $0], plane[2 * $0 + 1]) }
  }

  /// The image pixel of each computed sample of a 9-grid at sampling 2: pixels of 2 grid samples, offset ⌊(9 − 6)/2⌋ = 1.
  private func pixel(_ index: Int) -> Int? {
    let (x, y) = (index % 18 - 2, index / 18 - 2)
    return (0..<12).contains(x) && (0..<12).contains(y) ? y / 4 * 3 + x / 4 : nil
  }

  private let image = [0.0, 0.1, 0.25, -0.5, 0.5, 0.6, 0.75, 0.9, 1.0]

  @Test("every encoding puts its field on the block of each pixel and leaves the rest dark")
  func encodings() {
    func expect(_ encoding: InputDescription.Encoding, _ value: (Double) -> Complex<Double>) {
      let encoder = encoder(encoding)
      #expect(encoder.isReal == (encoding != .phase))
      let field = field(encoder, image)
      let amplitude = amplitude(encoder, image)
      for index in 0..<324 {
        let expected = pixel(index).map { value(image[$0]) } ?? 0
        #expect((field[index] - expected).length < 1e-15)
        if encoder.isReal { #expect(field[index] == Complex(amplitude[index], 0)) }
        if !encoder.isReal { #expect(abs(amplitude[index] - field[index].length) < 1e-15) }
      }
    }
    expect(.amplitude) { Complex($0, 0) }
    expect(.intensity) { Complex(max($0, 0).squareRoot(), 0) }
    expect(.phase) { Complex(length: 1, phase: .pi * $0) }
  }

  @Test("levels round a value to the nearest of equally spaced ones")
  func levels() {
    let found = amplitude(encoder(.amplitude, levels: 5), image)
    let expected = [0.0, 0.0, 0.25, 0.0, 0.5, 0.5, 0.75, 1.0, 1.0]
    for index in 0..<324 {
      guard let pixel = pixel(index) else { continue }
      #expect(found[index] == expected[pixel])
    }
    let phases = field(encoder(.phase, levels: 2), [Double](repeating: 0.7, count: 9))
    #expect((phases[2 * 18 + 2] - Complex(-1, 0)).length < 1e-15)
  }

  @Test("a binary modulator turns on the part of a pixel's mirrors that rounds its value", arguments: [1, 2, 3, 4, 5])
  func areaCoding(block: Int) {
    let encoder = encoder(.binary, size: 1, block: block, grid: block, sampling: 3)
    var before = [Double](repeating: 0, count: 9 * block * block)
    for step in 0...100 {
      let value = Double(step) / 100
      let plane = amplitude(encoder, [value], side: 3 * block)
      #expect(plane.allSatisfy { $0 == 0 || $0 == 1 })
      let on = plane.reduce(0, +) / 9
      #expect(on == (value * Double(block * block)).rounded())
      // A mirror that is on stays on for every larger value.
      #expect(zip(before, plane).allSatisfy { $0 <= $1 })
      before = plane
    }
  }

  @Test("the mirrors nearest to a pixel's centre come first, in every pixel alike")
  func mirrorOrder() {
    let encoder = encoder(.binary, size: 2, block: 3, grid: 6, sampling: 1)
    let plane = amplitude(encoder, [1.0 / 9, 3.0 / 9, 5.0 / 9, 2], side: 6)
    #expect(
      plane == [
        0, 0, 0, 0, 1, 0,
        0, 1, 0, 1, 1, 0,
        0, 0, 0, 0, 0, 0,
        0, 1, 0, 1, 1, 1,
        1, 1, 1, 1, 1, 1,
        0, 1, 0, 1, 1, 1,
      ])
    let dark = amplitude(encoder, [-1, 0, 0, 0], side: 6)
    #expect(dark.allSatisfy { $0 == 0 })
  }

  @Test("upsampling replicates the values that are shown: those of the levels, and the parts of binary pixels")
  func upsample() {
    for encoding in InputDescription.Encoding.allCases {
      var plane = [Double](repeating: .nan, count: 324)
      encoder(encoding, levels: 4).upsample(image, into: &plane)
      // Thirds; of these, a pixel of 2 × 2 mirrors shows none, one, three or all.
      let thirds: [Double] = encoding == .binary ? [0, 0.25, 0.75, 1] : [0, 1.0 / 3, 2.0 / 3, 1]
      let steps = [0, 0, 1, 0, 2, 2, 2, 3, 3]
      for index in 0..<324 { #expect(plane[index] == (pixel(index).map { thirds[steps[$0]] } ?? 0)) }
    }
    var plane = [Double](repeating: .nan, count: 324)
    encoder(.amplitude).upsample(image, into: &plane)
    for index in 0..<324 { #expect(plane[index] == (pixel(index).map { image[$0] } ?? 0)) }
  }
}
