import Arrays
import Numerics
import Optics
import Twin

extension TwinDescription {
  /// A small bench on which every effect is visible: 32 samples of 8 µm, 4 mm apart.
  static func small(
    _ kind: GeometryDescription.Kind, grid: Int = 32, layers: Int = 3, distance: Double = 4e-3, padding: Double = 2,
    sampling: Int = 1, bandLimit: Bool = false, input: InputDescription = InputDescription(size: 6, block: 4),
    detector: DetectorDescription = DetectorDescription(block: 1)
  ) -> TwinDescription {
    TwinDescription(
      geometry: GeometryDescription(
        kind: kind, wavelength: 850e-9, pitch: 8e-6, grid: grid, layers: layers, distance: distance, padding: padding,
        sampling: sampling, bandLimit: bandLimit, allowUndersampling: true),
      input: input, detector: detector)
  }
}

extension TwinParameters {
  /// Angles of milliradians, all different, and a distance off its nominal value.
  static func misaligned(_ geometry: GeometryDescription, scale: Double = 1) -> TwinParameters {
    var parameters = TwinParameters(nominalFor: geometry)
    for (index, parameter) in parameters.free.enumerated() {
      let offset = [1.3, -0.8, 2.1, -1.7][index % 4] * scale * 1e-3
      parameters[parameter.name] += parameter.unit == "rad" ? offset : 0.02 * parameter.value
    }
    return parameters
  }
}

extension Stack {
  /// Independent normal numbers.
  static func normal(_ count: Int, _ side: Int, deviation: Double = 1, seed: UInt64) -> Stack {
    let random = CounterRandom(seed: seed)
    return Stack(
      count: count, height: side, width: side,
      values: (0..<count * side * side).map { Scalar(deviation * random.normal(at: UInt64($0))) })
  }

  /// Independent numbers uniform in 0.1…1.
  static func uniform(_ count: Int, _ side: Int, seed: UInt64) -> Stack {
    let random = CounterRandom(seed: seed)
    return Stack(
      count: count, height: side, width: side,
      values: (0..<count * side * side).map { Scalar(random.uniform(in: 0.1...1, at: UInt64($0))) })
  }

  /// Smooth phases: a few waves across each layer.
  static func smooth(_ count: Int, _ side: Int, seed: UInt64) -> Stack {
    let random = CounterRandom(seed: seed)
    var result = Stack(count: count, height: side, width: side)
    for plane in 0..<count {
      for y in 0..<side {
        for x in 0..<side {
          let (u, v) = (2 * Double.pi * Double(x) / Double(side), 2 * Double.pi * Double(y) / Double(side))
          let start = UInt64(plane * 6)
          let phase = (0..<3).reduce(0.0) { sum, wave in
            let shift = 2 * Double.pi * random.uniform(at: start + UInt64(2 * wave))
            let direction = 2 * Double.pi * random.uniform(at: start + UInt64(2 * wave + 1))
            return sum + Double.sin(Double.cos(direction) * u + Double.sin(direction) * v + shift)
          }
          result[plane, y, x] = Scalar(phase)
        }
      }
    }
    return result
  }

  func inner(_ other: Stack) -> Double { zip(values, other.values).reduce(0) { $0 + Double($1.0) * Double($1.1) } }

  func adding(_ other: Stack, times factor: Scalar) -> Stack {
    Stack(count: count, height: height, width: width, values: zip(values, other.values).map { $0 + factor * $1 })
  }

  /// ‖self − other‖/‖other‖.
  func difference(from other: Stack) -> Double {
    let difference = adding(other, times: -1)
    return (difference.inner(difference) / other.inner(other)).squareRoot()
  }
}

/// Mean squared error with its gradient.
func meanSquare<Scalar>(_ values: Stack<Scalar>, _ targets: Stack<Scalar>) -> (loss: Double, gradient: Stack<Scalar>) {
  let count = Double(values.values.count)
  let difference = values.adding(targets, times: -1)
  let gradient = difference.values.map { 2 * $0 / Scalar(values.values.count) }
  return (
    difference.inner(difference) / count,
    Stack(count: values.count, height: values.height, width: values.width, values: gradient)
  )
}
