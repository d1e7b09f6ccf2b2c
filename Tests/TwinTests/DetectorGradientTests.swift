import Arrays
import Numerics
import Optics
import Testing
import Twin

@Suite struct DetectorGradientTests {
  let random = CounterRandom(seed: 13)

  /// A detector of which nothing is neutral.
  private func bench<Scalar>(_ sampling: Int = 1) -> DetectorBench<Scalar> {
    var bench = DetectorBench<Scalar>(grid: 30, sampling: sampling)
    bench.description = DetectorDescription(block: 2, region: Region(x: 2, y: 4, width: 26, height: 22))
    bench.variables.shiftX = 5.3e-6
    bench.variables.shiftY = -3.1e-6
    bench.variables.rotation = 0.043
    bench.variables.scale = 1.017
    bench.variables.aspect = 0.983
    bench.variables.shear = 0.021
    bench.variables.keystoneX = 170
    bench.variables.keystoneY = -90
    bench.variables.pointSpread = 6.7e-6
    bench.variables.gain = 1.3
    bench.variables.exposure = 0.8
    bench.variables.offset = 0.05
    bench.variables.power = 1.1
    return bench
  }

  /// A step small against the scale on which the loss bends; every variable needs one.
  private func step(_ index: DetectorVariables.Index) -> Double {
    switch index {
    case .shiftX, .shiftY: 1e-10
    case .rotation, .scale, .aspect, .shear: 1e-6
    case .keystoneX, .keystoneY: 1e-2
    case .pointSpread: 1e-10
    case .gain, .exposure, .offset, .power: 1e-4
    }
  }

  private func weights(_ count: Int) -> [Double] { (0..<count).map { random.normal(at: UInt64($0)) } }

  private func loss(_ bench: DetectorBench<Double>, _ plane: [Double], _ weights: [Double]) throws -> Double {
    zip(try bench.detect(plane), weights).reduce(0) { $0 + $1.1 * $1.0 * $1.0 / 2 }
  }

  @Test("the derivative by every variable is the central difference's", arguments: DetectorVariables.Index.allCases)
  func variable(index: DetectorVariables.Index) throws {
    // A sample of 1.6 of the plane's is seen at several points.
    for (sampling, scale) in [(1, 1.017), (2, 1.017), (1, 1.6)] {
      var bench: DetectorBench<Double> = bench(sampling)
      bench.variables.scale = scale
      if scale > 1.1 { bench.description.region = Region(x: 8, y: 8, width: 14, height: 14) }
      let plane = bench.spots
      let samples = try bench.detect(plane)
      let weights = weights(samples.count)
      let derivative = try bench.adjoint(zip(samples, weights).map { $0 * $1 }, intensity: plane)
        .variables[index.rawValue]
      let value = bench.variables[index]
      bench.variables[index] = value + step(index)
      let above = try loss(bench, plane, weights)
      bench.variables[index] = value - step(index)
      let difference = (above - (try loss(bench, plane, weights))) / (2 * step(index))
      #expect(abs(difference * step(index)) > 1e-9, "\(index) does nothing here")
      #expect(abs(derivative - difference) < 1e-6 * abs(difference), "\(index): \(derivative), \(difference)")
    }
  }

  @Test("the adjoint is the transpose of the linear part", arguments: [false, true], [false, true])
  func transpose(registered: Bool, blurred: Bool) throws {
    for sampling in [1, 3] {
      var bench: DetectorBench<Double> = bench(sampling)
      let all = bench.variables
      bench.variables = .neutral
      bench.variables.gain = 1.7
      if registered {
        bench.variables = all
        bench.variables.offset = 0
        bench.variables.pointSpread = 0
      }
      if blurred { bench.variables.pointSpread = all.pointSpread }
      let plane = (0..<bench.side * bench.side).map { random.normal(at: UInt64($0)) }
      let samples = try bench.detect(plane)
      let gradient = weights(samples.count)
      let forward = zip(samples, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      let found = try bench.adjoint(gradient, intensity: plane).weights
      let backward = zip(plane, found).reduce(0) { $0 + $1.0 * $1.1 }
      let size = (samples.reduce(0) { $0 + $1 * $1 } * gradient.reduce(0) { $0 + $1 * $1 }).squareRoot()
      #expect(abs(forward - backward) < 1e-12 * size)
      #expect(abs(forward) > 1e-4 * size)
    }
  }

  @Test("derivatives at the identity, where the fast path runs, are those of the registration beside it")
  func identity() throws {
    var bench = DetectorBench<Double>(grid: 24)
    bench.description.block = 2
    let plane = bench.spots
    let weights = weights(144)
    let derivatives = try bench.adjoint(weights, intensity: plane).variables
    for index in DetectorVariables.Index.allCases where index != .pointSpread {
      bench.variables = .neutral
      let step = step(index) * 1e-2
      bench.variables[index] += step
      let above = zip(try bench.detect(plane), weights).reduce(0) { $0 + $1.0 * $1.1 }
      bench.variables[index] -= 2 * step
      let difference = (above - zip(try bench.detect(plane), weights).reduce(0) { $0 + $1.0 * $1.1 }) / (2 * step)
      let derivative = derivatives[index.rawValue]
      #expect(abs(derivative - difference) < 1e-4 * abs(difference), "\(index): \(derivative), \(difference)")
    }
    #expect(derivatives[DetectorVariables.Index.pointSpread.rawValue] == 0)
  }

  @Test("without variables the gradient by the intensity is the same, and derivatives are added to what is there")
  func accumulation() throws {
    let bench: DetectorBench<Double> = bench()
    let plane = bench.spots
    let detector = try bench.detector()
    let gradient = weights(detector.count)
    let workspace = detector.makeWorkspace()
    let (expected, once) = try bench.adjoint(gradient, intensity: plane)
    var found = [Double](repeating: .nan, count: plane.count)
    detector.adjoint(gradient, intensity: plane, into: &found, variables: nil, workspace)
    #expect(found == expected)
    var twice = once
    detector.adjoint(gradient, intensity: plane, into: &found, variables: &twice, workspace)
    #expect(twice == once.map { 2 * $0 })
    var electronics = [Double](repeating: 0, count: once.count)
    detector.adjoint(
      gradient, intensity: plane, into: &found, variables: &electronics, ofRegistration: false, workspace)
    let registration = DetectorVariables.Index.shiftX.rawValue...DetectorVariables.Index.keystoneY.rawValue
    for index in once.indices { #expect(electronics[index] == (registration.contains(index) ? 0 : once[index])) }
  }

  @Test("single precision agrees with double")
  func precision() throws {
    let single: DetectorBench<Float> = bench(2)
    let double: DetectorBench<Double> = bench(2)
    let plane = double.spots
    let samples = try double.detect(plane)
    let found = try single.detect(plane.map { Float($0) })
    #expect(largestDifference(found.map { Double($0) }, samples) < 2e-6)
    let gradient = weights(samples.count)
    let expected = try double.adjoint(gradient, intensity: plane)
    let adjoint = try single.adjoint(gradient.map { Float($0) }, intensity: plane.map { Float($0) })
    #expect(largestDifference(adjoint.weights.map { Double($0) }, expected.weights) < 2e-6)
    for index in DetectorVariables.Index.allCases {
      let (one, other) = (adjoint.variables[index.rawValue], expected.variables[index.rawValue])
      #expect(abs(one - other) < 1e-4 * abs(other), "\(index)")
    }
  }
}
