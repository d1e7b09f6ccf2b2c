import Arrays
import Numerics
import Optics

/// A light path of two hops with a layer between, by sums over every sample: the definition of the discrete transforms.
struct EngineReference {
  typealias Plane = [Complex<Double>]

  let plane: PlaneGrid
  let canvas: PlaneGrid

  /// A transfer function without any symmetry, cut on one side only.
  static func phase(_ fx: Double, _ fy: Double) -> Double? {
    fx > 0.4 / Bench.pitch || fy < -0.45 / Bench.pitch
      ? nil : Bench.pitch * (3 * fx - 2 * fy) + Bench.pitch * Bench.pitch * (5 * fx * fx + 7 * fy * fy + 2 * fx * fy)
  }

  func transfer(_ ky: Int, _ kx: Int) -> Complex<Double> {
    let fy = PlaneGrid.frequency(bin: ky, length: canvas.height, pitch: canvas.pitch)
    let fx = PlaneGrid.frequency(bin: kx, length: canvas.width, pitch: canvas.pitch)
    return Self.phase(fx, fy).map { Complex(length: 1, phase: $0) } ?? .zero
  }

  /// Complex normal numbers, on the plane.
  func random(_ seed: UInt64) -> Plane {
    let random = CounterRandom(seed: seed)
    return (0..<plane.count).map {
      Complex(random.normal(at: UInt64(2 * $0)), random.normal(at: UInt64(2 * $0 + 1)))
    }
  }

  func hop(_ field: Plane, conjugate: Bool = false) -> Plane {
    var spectrum = spectrum(of: field)
    for ky in 0..<canvas.height {
      for kx in 0..<canvas.width {
        let factor = transfer(ky, kx)
        spectrum[ky * canvas.width + kx] *= conjugate ? factor.conjugate : factor
      }
    }
    let filtered = transform(spectrum, sign: 1)
    return (0..<plane.count).map {
      filtered[$0 / plane.width * canvas.width + $0 % plane.width] / Complex(Double(canvas.count), 0)
    }
  }

  /// The unnormalised transform of a plane in its canvas.
  func spectrum(of field: Plane) -> Plane {
    var padded = Plane(repeating: .zero, count: canvas.count)
    for index in 0..<plane.count { padded[index / plane.width * canvas.width + index % plane.width] = field[index] }
    return transform(padded, sign: -1)
  }

  private func transform(_ values: Plane, sign: Double) -> Plane {
    let rows = lines(values, count: canvas.height, length: canvas.width, stride: 1, next: canvas.width, sign)
    return lines(rows, count: canvas.width, length: canvas.height, stride: canvas.width, next: 1, sign)
  }

  private func lines(_ values: Plane, count: Int, length: Int, stride: Int, next: Int, _ sign: Double) -> Plane {
    let roots = (0..<length).map { Complex<Double>(length: 1, phase: sign * 2 * .pi * Double($0) / Double(length)) }
    var result = values
    for line in 0..<count {
      for k in 0..<length {
        var sum = Complex<Double>.zero
        for x in 0..<length { sum += values[line * next + x * stride] * roots[k * x % length] }
        result[line * next + k * stride] = sum
      }
    }
    return result
  }
}

/// An engine with arrays in and out of its order, which live as long as the harness.
final class EngineHarness<Scalar: OpticsScalar> {
  let engine: any PropagationEngine<Scalar>
  let state: EngineState<Scalar>
  private var buffers: [AlignedBuffer<Scalar>] = []

  init(_ engine: any PropagationEngine<Scalar>) {
    self.engine = engine
    state = engine.makeState()
  }

  func complex() -> AlignedBuffer<Scalar> { buffer(2 * engine.planeCount) }
  func real() -> AlignedBuffer<Scalar> { buffer(engine.planeCount) }
  func spectrum() -> AlignedBuffer<Scalar> { buffer(engine.spectrumCount) }

  private func buffer(_ count: Int) -> AlignedBuffer<Scalar> {
    buffers.append(AlignedBuffer(count: count))
    return buffers[buffers.count - 1]
  }

  func packed(_ field: [Complex<Double>]) -> AlignedBuffer<Scalar> {
    let packed = complex()
    engine.pack(complex: field.flatMap { [Scalar($0.real), Scalar($0.imaginary)] }, into: packed.pointer)
    return packed
  }

  func unpacked(_ packed: AlignedBuffer<Scalar>) -> [Complex<Double>] {
    var values = [Scalar](repeating: 0, count: 2 * engine.plane.count)
    engine.unpack(complex: packed.pointer, into: &values)
    return (0..<engine.plane.count).map { Complex(Double(values[2 * $0]), Double(values[2 * $0 + 1])) }
  }

  func unpackedReal(_ packed: AlignedBuffer<Scalar>) -> [Double] {
    var values = [Scalar](repeating: 0, count: engine.plane.count)
    engine.unpack(real: packed.pointer, into: &values)
    return values.map { Double($0) }
  }
}

/// ‖a − b‖/‖b‖.
func difference(_ a: [Complex<Double>], _ b: [Complex<Double>]) -> Double {
  let squares = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1).lengthSquared }
  return (squares / b.reduce(0) { $0 + $1.lengthSquared }).squareRoot()
}

func difference(_ a: [Double], _ b: [Double]) -> Double {
  difference(a.map { Complex($0, 0) }, b.map { Complex($0, 0) })
}

/// Σ conj(a)·b.
func inner(_ a: [Complex<Double>], _ b: [Complex<Double>]) -> Complex<Double> {
  zip(a, b).reduce(.zero) { $0 + $1.0.conjugate * $1.1 }
}
