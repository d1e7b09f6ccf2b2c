import Arrays
import Numerics
import Optics
import Testing
import Twin

@Suite struct ResamplingTests {
  let side = 48
  let step = 4e-6
  let random = CounterRandom(seed: 14)

  private func resampling(
    shiftX: Double = 0, shiftY: Double = 0, rotation: Double = 0, scale: Double = 1
  ) throws -> PlaneResampling<Double> {
    try PlaneResampling(
      side: side, center: 24.5, step: step, shiftX: shiftX, shiftY: shiftY, rotation: rotation, scale: scale)
  }

  private func forward(_ resampling: PlaneResampling<Double>, _ layer: [Double]) -> [Double] {
    var output = [Double](repeating: .nan, count: layer.count)
    resampling.forward(layer, into: &output)
    return output
  }

  /// A complex plane, given metres from the origin at sample 24.5.
  private func plane(_ value: (Double, Double) -> Complex<Double>) -> [Double] {
    (0..<side * side).flatMap { index in
      let value = value((Double(index % side) - 24.5) * step, (Double(index / side) - 24.5) * step)
      return [value.real, value.imaginary]
    }
  }

  private var noise: [Double] { (0..<2 * side * side).map { random.normal(at: UInt64($0)) } }

  private func dot(_ one: [Double], _ other: [Double]) -> Double { zip(one, other).reduce(0) { $0 + $1.0 * $1.1 } }

  @Test("the identity is exact and says so")
  func identity() throws {
    let identity = try resampling()
    #expect(identity.isIdentity)
    #expect(forward(identity, noise) == noise)
    #expect(try !resampling(rotation: 1e-9).isIdentity)
    #expect(try !resampling(shiftY: 1e-12).isIdentity)
  }

  @Test("a shift by whole samples moves the layer; a quarter turn about the origin permutes samples")
  func exactMoves() throws {
    let layer = noise
    let moved = forward(try resampling(shiftX: 3 * step, shiftY: -2 * step), layer)
    let turned = forward(try resampling(rotation: .pi / 2), layer)
    for y in 0..<side {
      for x in 0..<side {
        for part in 0..<2 {
          let (fromX, fromY) = (x - 3, y + 2)
          let expected = fromX >= 0 && fromY < side ? layer[2 * (fromY * side + fromX) + part] : 0
          #expect(abs(moved[2 * (y * side + x) + part] - expected) < 1e-10)
          // What lay at (X, Y) comes to (−Y, X).
          let (sourceX, sourceY) = (y, 49 - x)
          let turnedValue = sourceY < side ? layer[2 * (sourceY * side + sourceX) + part] : 0
          #expect(abs(turned[2 * (y * side + x) + part] - turnedValue) < 1e-10)
        }
      }
    }
  }

  @Test("a spot with a plane wave is displaced, turned and magnified as the closed form says")
  func closedForm() throws {
    let (k, radius) = (2 * Double.pi / (16 * step), 7 * step)
    func field(_ x: Double, _ y: Double) -> Complex<Double> {
      let envelope = Double.exp(-(x * x / 2 + y * y) / (radius * radius))
      return Complex(length: envelope, phase: k * (0.8 * x - 0.6 * y))
    }
    let (c, s, scale) = (Double.cos(0.4), Double.sin(0.4), 1.2)
    let found = forward(
      try resampling(shiftX: 2.3 * step, shiftY: -1.6 * step, rotation: 0.4, scale: scale), plane(field))
    let expected = plane { x, y in
      let (u, v) = (x - 2.3 * step, y + 1.6 * step)
      return field((c * u + s * v) / scale, (c * v - s * u) / scale)
    }
    // Keys' interpolation is exact to third order; with 16 samples in a wave some parts in a thousand remain.
    #expect(largestDifference(found, expected) < 5e-3)
  }

  @Test("the adjoint is the transpose")
  func transpose() throws {
    let resampling = try resampling(shiftX: 5.1e-6, shiftY: 2.2e-6, rotation: -0.2, scale: 0.93)
    let layer = noise
    let gradient = (0..<layer.count).map { random.normal(at: UInt64($0 + 100_000)) }
    var back = [Double](repeating: .nan, count: layer.count)
    resampling.adjoint(gradient, into: &back)
    let one = dot(forward(resampling, layer), gradient)
    let other = dot(layer, back)
    #expect(abs(one - other) < 1e-12 * (dot(layer, layer) * dot(gradient, gradient)).squareRoot())
  }

  @Test("derivatives by shift, rotation and scale are the central differences'")
  func gradients() throws {
    let layer = plane { x, y in
      let envelope = Double.exp(-(x * x + y * y) / (60 * step * step))
      return Complex(length: envelope, phase: 0.3 * x / step + 2e9 * x * y)
    }
    let gradient = noise
    func loss(_ values: [Double]) throws -> Double {
      let resampling = try resampling(shiftX: values[0], shiftY: values[1], rotation: values[2], scale: values[3])
      return dot(forward(resampling, layer), gradient)
    }
    let values = [3.1e-6, -1.7e-6, 0.07, 1.03]
    let exact = try resampling(shiftX: values[0], shiftY: values[1], rotation: values[2], scale: values[3])
      .gradient(gradient, of: layer)
    let derivatives = [exact.shiftX, exact.shiftY, exact.rotation, exact.scale]
    for (index, step) in [1e-11, 1e-11, 1e-7, 1e-7].enumerated() {
      var (above, below) = (values, values)
      above[index] += step
      below[index] -= step
      let difference = (try loss(above) - loss(below)) / (2 * step)
      #expect(abs(derivatives[index] - difference) < 1e-6 * abs(difference), "value \(index): \(difference)")
    }
  }

  @Test("single precision agrees with double")
  func precision() throws {
    let single = try PlaneResampling<Float>(side: side, rotation: 0.1, scale: 1.1)
    let double = try PlaneResampling<Double>(side: side, rotation: 0.1, scale: 1.1)
    let layer = noise
    var output = [Float](repeating: .nan, count: layer.count)
    single.forward(layer.map { Float($0) }, into: &output)
    #expect(largestDifference(output.map { Double($0) }, forward(double, layer)) < 1e-6)
    single.adjoint(layer.map { Float($0) }, into: &output)
    var back = [Double](repeating: .nan, count: layer.count)
    double.adjoint(layer, into: &back)
    #expect(largestDifference(output.map { Double($0) }, back) < 3e-6)
  }

  @Test("values that no layer can have are typed errors")
  func refusals() {
    #expect(throws: TwinError.self) { try resampling(rotation: .nan) }
    #expect(throws: TwinError.self) { try resampling(shiftX: .infinity) }
    #expect(throws: TwinError.self) { try resampling(scale: 0) }
    #expect(throws: Never.self) {
      let far = try resampling(shiftX: 1e300)
      #expect(forward(far, noise).allSatisfy { $0 == 0 })
    }
  }
}
