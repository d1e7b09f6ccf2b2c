import Numerics
import Optics
import Testing

/// The two ways out that a report names: each is right, and one step less is not.
@Suite struct SamplingLimitTests {
  struct Plane: Sendable, CustomStringConvertible {
    let height: Int
    let width: Int
    let padding: Double
    let distance: Double
    var offset = (x: 0.0, y: 0.0)

    var description: String { "\(height)×\(width) padding \(padding) at \(distance) m, offset \(offset)" }
    var grid: PlaneGrid { PlaneGrid(height: height, width: width, pitch: Bench.pitch) }

    func report(padding: Double? = nil, distance: Double? = nil) -> SamplingReport {
      Bench.space(distance ?? self.distance).sampling(of: grid, padding: padding ?? self.padding, offset: offset)
    }
  }

  static let planes = [
    Plane(height: 260, width: 260, padding: 1, distance: Bench.hop),
    Plane(height: 300, width: 300, padding: 1, distance: -Bench.hop),
    // The canvas is rounded up to 360 samples: the padding must not be reckoned from that.
    Plane(height: 300, width: 300, padding: 1.1, distance: 40e-3),
    Plane(height: 300, width: 120, padding: 1, distance: Bench.hop),
    Plane(height: 97, width: 300, padding: 1.3, distance: 0.1),
    Plane(height: 300, width: 300, padding: 1, distance: Bench.hop, offset: (200e-6, -20e-6)),
    Plane(height: 300, width: 200, padding: 1.5, distance: Bench.hop, offset: (0, 1.2e-3)),
  ]

  @Test("the padding of the report is enough, and one sample less is not", arguments: planes)
  func smallestPadding(plane: Plane) {
    let report = plane.report()
    #expect(report.isUndersampled)
    #expect(!plane.report(padding: report.sufficientPadding).isUndersampled)
    // The shorter side decides, or the padding is less by more than a sample of the longer one.
    let less = report.sufficientPadding - 1 / Double(min(plane.width, plane.height))
    #expect(plane.report(padding: less).isUndersampled)
  }

  @Test("the distance of the report is right, and a little more is not", arguments: planes)
  func largestDistance(plane: Plane) {
    let largest = plane.report().criticalDistance
    #expect(!plane.report(distance: largest).isUndersampled)
    #expect(!plane.report(distance: -largest).isUndersampled)
    #expect(plane.report(distance: largest * (1 + 1e-6)).isUndersampled)
  }

  /// The steps of a kernel's phase between neighbouring frequencies, the largest along the axes.
  private func largestStep(_ plane: Plane, padding: Double, distance: Double) -> Double {
    let space = Bench.space(distance, .fresnel)
    let canvas = plane.grid.padded(by: padding)
    func step(_ length: Int, _ offset: Double) -> Double {
      let spacing = 1 / (Double(length) * Bench.pitch)
      func phase(_ f: Double) -> Double {
        (space.wavenumber(fx: f, fy: 0) ?? 0) * distance - 2 * .pi * f * offset
      }
      let edge = 1 / (2 * Bench.pitch)
      return [edge, -edge].map { f in
        // The slope at the edge, by which the phase steps there.
        abs(phase(f + spacing / 2) - phase(f - spacing / 2))
      }.max() ?? 0
    }
    return max(step(canvas.width, plane.offset.x), step(canvas.height, plane.offset.y))
  }

  @Test(
    "at the named distance the kernel's phase steps by half a turn at the edge of the band, beyond by more",
    arguments: planes)
  func phaseSteps(plane: Plane) {
    let report = plane.report()
    #expect(abs(largestStep(plane, padding: plane.padding, distance: report.criticalDistance) / .pi - 1) < 1e-9)
    #expect(largestStep(plane, padding: plane.padding, distance: plane.distance) > .pi)
    #expect(largestStep(plane, padding: report.sufficientPadding, distance: plane.distance) <= .pi * (1 + 1e-9))
  }

  @Test("the propagator refuses exactly beyond the two numbers when the band limit is off")
  func refusals() throws {
    let grid = Bench.grid(60)
    func propagator(_ distance: Double, padding: Double = 1) throws {
      _ = try Propagator<Float>(grid: grid, space: Bench.space(distance), padding: padding, bandLimit: false)
    }
    let error = #expect(throws: OpticsError.self) { try propagator(Bench.hop) }
    guard case .undersampled(let report) = try #require(error) else { return }
    try propagator(Bench.hop, padding: report.sufficientPadding)
    try propagator(report.criticalDistance)
    #expect(throws: OpticsError.self) { try propagator(Bench.hop, padding: report.sufficientPadding - 1.0 / 60) }
    #expect(throws: OpticsError.self) { try propagator(report.criticalDistance * 1.000001) }
  }

  @Test("distances without measure have a report too", arguments: [1e3, 1e12, -1e300])
  func astronomical(distance: Double) {
    for method in FreeSpace.Method.allCases {
      let report = Bench.space(distance, method).sampling(of: Bench.grid(30), padding: 1)
      #expect(report.isUndersampled && report.warning != nil)
      #expect(report.partKept < 1e-3 && report.sufficientPadding > 1e5)
    }
  }

  @Test("the numbers as printed are right too", arguments: planes)
  func printed(plane: Plane) throws {
    let message = plane.report().violation
    let distance = try #require(message.firstMatch(of: /at most ([0-9.]+) mm/)).1
    let padding = try #require(message.firstMatch(of: /padding ([0-9.]+) or more/)).1
    let (largest, smallest) = (try #require(Double(distance)), try #require(Double(padding)))
    #expect(!plane.report(distance: largest * 1e-3).isUndersampled, "\(message)")
    #expect(!plane.report(padding: smallest).isUndersampled, "\(message)")
  }

  @Test(
    "the part kept is that of the frequencies that the transfer function lets pass",
    arguments: FreeSpace.Method.allCases)
  func partKept(method: FreeSpace.Method) {
    let space = Bench.space(0.1, method)
    let report = space.sampling(of: Bench.grid(300), padding: 1)
    let count = 200_000
    let passed = (0..<count).count { index in
      let f = ((Double(index) + 0.5) / Double(count) - 0.5) / Bench.pitch
      return space.isWithinBand(f, side: 300 * Bench.pitch)
    }
    #expect(abs(report.partKept - Double(passed) / Double(count)) < 2e-5)
  }

  struct Rough: Sendable, CustomStringConvertible {
    let height: Int
    let width: Int
    let padding: Double
    let distance: Double

    var description: String { "\(height)×\(width) padding \(padding) at \(distance) m" }
  }

  static let roughs = [
    Rough(height: 300, width: 300, padding: 1, distance: Bench.hop),
    Rough(height: 300, width: 300, padding: 1, distance: 0.1),
    Rough(height: 300, width: 300, padding: 1, distance: 5e-3),
    Rough(height: 200, width: 320, padding: 1.2, distance: 50e-3),
    Rough(height: 128, width: 128, padding: 1.5, distance: -40e-3),
    // Waves that walk further than the plane is wide are cut: what is missing is diffraction at the edges.
    Rough(height: 150, width: 150, padding: 2, distance: Bench.hop),
    Rough(height: 150, width: 150, padding: 2, distance: 0.15),
  ]

  @Test("the expected error is that of a field of random phases, within a twelfth", arguments: roughs)
  func expectedError(rough: Rough) throws {
    let grid = PlaneGrid(height: rough.height, width: rough.width, pitch: Bench.pitch)
    let space = Bench.space(rough.distance)
    let field = Field<Double>.randomPhase(grid, seed: 3)
    let limited = try Propagator<Double>(grid: grid, space: space, padding: rough.padding)
    let needed = space.sampling(of: grid, padding: 1).sufficientPadding
    let exact = try Propagator<Double>(grid: grid, space: space, padding: max(4, 2 * needed), bandLimit: false)
    let found = limited.forward(field).difference(from: exact.forward(field))
    let expected = try #require(limited.sampling.expectedError)
    #expect(abs(expected / found - 1) < 1.0 / 12, "\(expected), found \(found)")
  }

  /// One axis of a propagation as a matrix, by the plain Fourier sum over a canvas of `length` samples.
  private func axis(
    _ space: FreeSpace, side: Int, length: Int, offset: Double, isLimited: Bool
  ) -> [[Complex<Double>]] {
    let kernel = (1 - side...side - 1).map { distance in
      (0..<length).reduce(Complex<Double>.zero) { sum, bin in
        let f = Double(bin - length / 2) / (Double(length) * Bench.pitch)
        let reach = abs(space.walk(fx: f, fy: 0) + offset)
        guard !isLimited || reach <= Double(length) * Bench.pitch / 2 else { return sum }
        let phase =
          (space.wavenumber(fx: f, fy: 0) ?? 0) * space.distance
          + 2 * .pi * f * (Double(distance) * Bench.pitch - offset)
        return sum + Complex(length: 1 / Double(length), phase: phase)
      }
    }
    return (0..<side).map { row in (0..<side).map { kernel[row - $0 + side - 1] } }
  }

  private func product(_ a: [[Complex<Double>]], _ b: [[Complex<Double>]]) -> [[Complex<Double>]] {
    a.map { row in b[0].indices.map { column in row.indices.reduce(.zero) { $0 + row[$1] * b[$1][column] } } }
  }

  @Test("the expected error holds for planes beside the light")
  func shiftedError() throws {
    let (side, offset) = (48, (x: 0.2e-3, y: -0.1e-3))
    let space = Bench.space(5e-3)
    let field = Field<Double>.randomPhase(Bench.grid(side), seed: 5)
    let rows = (0..<side).map { y in (0..<side).map { field[y, $0] } }
    func propagated(_ length: Int, isLimited: Bool) -> Field<Double> {
      let x = axis(space, side: side, length: length, offset: offset.x, isLimited: isLimited)
      let y = axis(space, side: side, length: length, offset: offset.y, isLimited: isLimited)
      let transposed = (0..<side).map { row in (0..<side).map { x[$0][row] } }
      return Field(grid: field.grid, values: product(product(y, rows), transposed).flatMap { $0 })
    }
    let found = propagated(72, isLimited: true).difference(from: propagated(600, isLimited: false))
    let expected = try #require(space.sampling(of: field.grid, padding: 1.5, offset: offset).expectedError)
    #expect(abs(expected / found - 1) < 1.0 / 12, "\(expected), found \(found)")
    // Not what is expected in the middle of the light.
    let middle = try #require(space.sampling(of: field.grid, padding: 1.5).expectedError)
    #expect(middle < found / 2, "\(middle), found \(found)")
  }
}
