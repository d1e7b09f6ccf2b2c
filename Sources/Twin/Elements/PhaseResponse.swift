import Numerics
import Optics

/// The phase that a modulator shows for the phase that it is given: wrapped to a turn, in steps, and bent by its response.
///
/// With u = φ/2π of one turn, ψ = 2π(R(u) + Σ r_k p_k(u) + K(u) + s·u): R is the measured response or u itself, p₁ = u,
/// p₂ = u(1 − u), p₃ = u(1 − u)(1 − 2u), K the straight lines between the knots at u = j/16, 0 at both ends, and s the slope of the
/// region in which the pixel lies. The gradient of the steps is that of no steps (straight through).
///
/// Where layers are phases to be shown, u is the command that the modulator's ``PhaseInverse`` chooses. It stays as it was made when
/// parameters move; the derivative by the phase is the response's slope over that which the inverse was made from.
struct PhaseResponse: Sendable {
  /// r₁, r₂, r₃.
  let coefficients: [Dependent]
  /// K at 1/16, 2/16 …
  let knots: [Dependent]
  /// s of each region, row by row; empty when there are none.
  let regions: [Dependent]
  /// Whether the modulator shows exactly the phase that it is given.
  let isIdentity: Bool
  private let hasKnots: Bool
  private let regionsPerSide: Int
  private let grid: Int
  private let levels: Int?
  private let table: [Double]?
  private let plane: Int
  private let inverse: PhaseInverse?

  init(_ description: TwinDescription, plane: Int, _ parameters: TwinParameters) {
    let modulator = description.modulator
    grid = description.geometry.grid
    levels = modulator.levels
    table = modulator.response
    (self.plane, inverse) = (plane, modulator.inverse)
    coefficients = (1...ParameterCatalogue.responseOrder).map { parameters.dependent("response\($0)") }
    knots = (1...ParameterCatalogue.responseKnots).map { parameters.dependent("responseKnot\($0)") }
    hasKnots = knots.contains(where: \.isPresent)
    regionsPerSide = modulator.regions
    regions = (0..<modulator.regions * modulator.regions).map {
      parameters.dependent("plane\(plane + 1)Response\($0 + 1)")
    }
    isIdentity =
      inverse == nil && levels == nil && table == nil && !hasKnots
      && !(coefficients + regions).contains(where: \.isPresent)
  }

  /// The shown phase of every pixel in radians, and its derivative by that of the layer; `[grid, grid]`.
  func apply<Scalar: OpticsScalar>(
    _ command: UnsafePointer<Scalar>, shown: UnsafeMutablePointer<Scalar>, slope: UnsafeMutablePointer<Scalar>
  ) {
    let r = coefficients.map { Scalar($0.value) }
    let s = regions.map { Scalar($0.value) }
    let knots = hasKnots ? self.knots.map { Scalar($0.value) } : []
    for y in 0..<grid {
      for x in 0..<grid {
        let index = y * grid + x
        let (u, rise) = turn(command[index], y, x)
        let region = s.isEmpty ? 0 : s[self.region(y, x)]
        let bent = bent(u, r, knots)
        shown[index] = 2 * .pi * (bent.value + region * u)
        slope[index] = (bent.slope + region) * rise
      }
    }
  }

  /// The derivatives of a loss by the coefficients, from that by the shown phases, `[grid, grid]`.
  func derivatives<Scalar: OpticsScalar>(
    command: UnsafePointer<Scalar>, _ gradient: UnsafePointer<Scalar>, _ body: (Dependent, Double) -> Void
  ) {
    let ownKnots = knots.contains { !$0.slopes.isEmpty }
    var sums = (0.0, 0.0, 0.0)
    var regionSums = [Double](repeating: 0, count: regions.count)
    var knotSums = [Double](repeating: 0, count: ownKnots ? knots.count : 0)
    for y in 0..<grid {
      for x in 0..<grid {
        let u = turn(command[y * grid + x], y, x).part
        let weight = 2 * .pi * Double(gradient[y * grid + x])
        let p = Self.basis(u).value
        sums.0 += weight * Double(p.0)
        sums.1 += weight * Double(p.1)
        sums.2 += weight * Double(p.2)
        if !regionSums.isEmpty { regionSums[region(y, x)] += weight * Double(u) }
        if ownKnots { Self.addLine(weight, at: Double(u), to: &knotSums) }
      }
    }
    for (coefficient, sum) in zip(coefficients, [sums.0, sums.1, sums.2]) { body(coefficient, sum) }
    for (knot, sum) in zip(knots, knotSums) { body(knot, sum) }
    for (region, sum) in zip(regions, regionSums) { body(region, sum) }
  }

  /// Whether the shown phase changes along a direction.
  func depends(on direction: Direction) -> Bool {
    (coefficients + knots + regions).contains { $0.slope(along: direction) != nil }
  }

  /// The derivative of the shown phase of every pixel along a direction; `[grid, grid]`.
  func tangent<Scalar: OpticsScalar>(
    along direction: Direction, command: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>
  ) {
    let r = coefficients.map { Scalar($0.slope(along: direction) ?? 0) }
    let s = regions.map { Scalar($0.slope(along: direction) ?? 0) }
    let isOfKnots = knots.contains { $0.slope(along: direction) != nil }
    let knots = isOfKnots ? self.knots.map { Scalar($0.slope(along: direction) ?? 0) } : []
    for y in 0..<grid {
      for x in 0..<grid {
        let u = turn(command[y * grid + x], y, x).part
        let p = Self.basis(u).value
        let region = s.isEmpty ? 0 : s[self.region(y, x)]
        let line = Self.line(knots, at: u).value
        result[y * grid + x] = 2 * .pi * (r[0] * p.0 + r[1] * p.1 + r[2] * p.2 + line + region * u)
      }
    }
  }

  /// The phase in radians shown for `count` equally spaced commands from 0 to 2π, both included, without steps and regions.
  func curve(_ count: Int) -> [Double] {
    let (r, knots) = (coefficients.map(\.value), hasKnots ? self.knots.map(\.value) : [])
    return (0..<count).map { index in
      let u = Double(index) / Double(count - 1)
      return 2 * .pi * bent(u, r, knots).value
    }
  }

  /// What a part of a turn becomes in a region, in turns, and its slope.
  func shown(_ u: Double, region: Int) -> (value: Double, slope: Double) {
    let own = regions.isEmpty ? 0 : regions[region].value
    let bent = bent(u, coefficients.map(\.value), hasKnots ? knots.map(\.value) : [])
    return (bent.value + own * u, bent.slope + own)
  }

  /// What a part of a turn becomes, in turns and without regions, and its slope.
  @inline(__always)
  private func bent<Scalar: OpticsScalar>(_ u: Scalar, _ r: [Scalar], _ knots: [Scalar]) -> (
    value: Scalar, slope: Scalar
  ) {
    let (base, (p, q), line) = (measured(u), Self.basis(u), Self.line(knots, at: u))
    return (
      base.value + r[0] * p.0 + r[1] * p.1 + r[2] * p.2 + line.value,
      base.slope + r[0] * q.0 + r[1] * q.1 + r[2] * q.2 + line.slope
    )
  }

  /// The commanded part of a turn, 0…1, and how fast it rises with the number that the layer has for the pixel.
  @inline(__always)
  private func turn<Scalar: OpticsScalar>(_ phase: Scalar, _ y: Int, _ x: Int) -> (part: Scalar, rise: Scalar) {
    if let inverse {
      let curve = inverse.curve(plane, y, x, of: grid)
      let command = inverse.command(Double(phase), curve: curve)
      let slope = inverse.curves[curve].slopes[command]
      return (Scalar(command) / Scalar(inverse.count), abs(slope) < Self.flat ? 1 : 1 / Scalar(slope))
    }
    let turns = phase / (2 * .pi)
    let u = turns - turns.rounded(.down)
    guard let levels else { return (u, 1) }
    let step = (u * Scalar(levels)).rounded()
    return (step >= Scalar(levels) ? 0 : step / Scalar(levels), 1)
  }

  /// A response that rises less than this has no inverse; it counts as rising by one.
  private static let flat = 1.0 / 64

  private func measured<Scalar: OpticsScalar>(_ u: Scalar) -> (value: Scalar, slope: Scalar) {
    guard let table else { return (u, 1) }
    let intervals = table.count - 1
    let position = u * Scalar(intervals)
    let index = min(max(Int(position), 0), intervals - 1)
    let step = Scalar((table[index + 1] - table[index]) / (2 * .pi))
    return (Scalar(table[index] / (2 * .pi)) + step * (position - Scalar(index)), step * Scalar(intervals))
  }

  private func region(_ y: Int, _ x: Int) -> Int {
    y * regionsPerSide / grid * regionsPerSide + x * regionsPerSide / grid
  }

  private static func basis<Scalar: OpticsScalar>(
    _ u: Scalar
  ) -> (value: (Scalar, Scalar, Scalar), slope: (Scalar, Scalar, Scalar)) {
    let bow = u * (1 - u)
    let odd = 1 - 2 * u
    return ((u, bow, bow * odd), (1, odd, odd * odd - 2 * bow))
  }

  /// The straight lines between the knots, and their slope; 0 without knots.
  @inline(__always)
  private static func line<Scalar: OpticsScalar>(_ knots: [Scalar], at u: Scalar) -> (value: Scalar, slope: Scalar) {
    guard !knots.isEmpty else { return (0, 0) }
    let (below, part) = interval(u, knots.count)
    let left = below > 0 ? knots[below - 1] : 0
    let right = below < knots.count ? knots[below] : 0
    return (left + part * (right - left), Scalar(knots.count + 1) * (right - left))
  }

  /// The transpose of ``line(_:at:)``.
  @inline(__always)
  private static func addLine(_ weight: Double, at u: Double, to sums: inout [Double]) {
    let (below, part) = interval(u, sums.count)
    if below > 0 { sums[below - 1] += weight * (1 - part) }
    if below < sums.count { sums[below] += weight * part }
  }

  /// How many knots lie at or before u, the end at 0 not counted, and how far it is on from there to the next.
  @inline(__always)
  private static func interval<Scalar: OpticsScalar>(_ u: Scalar, _ knots: Int) -> (below: Int, part: Scalar) {
    let position = u * Scalar(knots + 1)
    let below = min(max(Int(position), 0), knots)
    return (below, position - Scalar(below))
  }
}

extension TwinDescription {
  /// The phase in radians that the modulator of the layers shows for `count` equally spaced commands from 0 to 2π, both included, as
  /// ``PhaseModulatorDescription/response`` has it: without steps and the slopes of regions.
  public func response(_ parameters: TwinParameters, count: Int = 257) -> [Double] {
    PhaseResponse(self, plane: 0, parameters).curve(count)
  }
}
