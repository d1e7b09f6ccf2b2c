import Arrays
import Concurrency
import Fitting
import Glibc
import Twin

/// The group of parameters that explains best how a bench has moved away from its twin.
///
/// Each group is a linear model of the residuals: the exact derivatives of the frames by its parameters, which may have moved by what the
/// bench file believes of them or a part of that. The models are compared by their evidence, so that a group of many parameters has to explain more than
/// one of few. The posterior of the calibration is no prior here: it says how sure the calibration was, not how far things move.
public struct DriftExplanation: Sendable, Equatable {
  public var group: TwinParameter.Group
  /// What the discrepancy would be with the group found again, as far as the frames depend on it linearly.
  public var expected: Double

  /// The part of the drift that an explanation has to account for.
  static let leastPart = 0.25

  /// Nil when no group explains it. Computes without yielding.
  ///
  /// - Parameter start: the discrepancy before the bench drifted.
  public init?(_ frames: DriftProbe.Frames, of bench: CalibratedBench, start: Double, threads: Int) throws {
    let parameters = bench.parameters.all.filter { !TwinParameters.brightness.contains($0.name) }
    let slopes = try DriftSlopes(frames.acquired, of: bench, by: parameters, threads: threads)
    let variance = max(slopes.variance(at: start), 1e-12)
    let explained = TwinParameter.Group.allCases.compactMap { group -> (DriftExplanation, evidence: Double)? in
      let places = parameters.indices.filter { parameters[$0].group == group }
      guard !places.isEmpty else { return nil }
      let part = slopes.part(of: places, variance: variance)
      return (DriftExplanation(group: group, expected: slopes.discrepancy - part.explained), part.evidence)
    }
    guard let best = explained.max(by: { $0.evidence < $1.evidence })?.0,
      slopes.discrepancy - best.expected > Self.leastPart * (slopes.discrepancy - start)
    else { return nil }
    self = best
  }

  init(group: TwinParameter.Group, expected: Double) { (self.group, self.expected) = (group, expected) }
}

/// The residuals of frames and their derivatives, as sums. Frames are centred and of unit norm, and have a gain of their own, so that half
/// the square of a frame's residuals is about its 1 − Pearson.
private struct DriftSlopes: Sendable {
  private let count: Int
  /// JᵀJ, row-major, in units of the parameters' priors.
  private var curvature: [Double]
  /// Jᵀr of residuals r = measured − computed.
  private var slope: [Double]
  private var square = 0.0
  private var frames = 0
  private var samples = 0

  init(
    _ acquired: AcquiredFrames, of bench: CalibratedBench, by parameters: [TwinParameter], threads: Int
  ) throws {
    count = parameters.count
    curvature = [Double](repeating: 0, count: count * count)
    slope = [Double](repeating: 0, count: count)
    var description = bench.description
    description.geometry.sampling = max(SquareFit.sampling, description.geometry.sampling)
    let twin = try Twin<Float>(description, parameters: bench.parameters, threads: 1)
    let jacobian = try TwinJacobian(twin, of: parameters.map(\.name))
    let plan = acquired.plan
    let derived = Locked<[Int: Result<(samples: [Float], columns: [[Float]]), any Error>]>([:])
    concurrently(plan.patterns.count, threads: threads) { index in
      let frame = Result { () throws -> (samples: [Float], columns: [[Float]]) in
        try jacobian(layers: plan.patterns[index], input: plan.input, block: plan.block)
      }
      derived.withLock { $0[index] = frame }
    }
    // In their order, so that equal frames give equal bits.
    for (index, frame) in derived.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      let (computed, columns) = try frame.get()
      let measured = acquired.frames.values[acquired.frames.range(ofPlane: index)]
      add(
        Array(measured), computed.map { Double($0) },
        zip(columns, parameters).map { column, parameter in column.map { Double($0) * parameter.prior } })
    }
  }

  private mutating func add(_ measured: [Double], _ computed: [Double], _ columns: [[Double]]) {
    var d = Self.centred(measured)
    let y = Self.centred(computed)
    let (norm, power) = (Self.dot(d, d).squareRoot(), Self.dot(y, y))
    guard norm > 0, power > 0 else { return }
    for index in d.indices { d[index] /= norm }
    let gain = Self.dot(d, y) / power
    let residual = zip(d, y).map { $0 - gain * $1 }
    let changes = columns.map { column in
      let centred = Self.centred(column)
      let along = Self.dot(centred, y) / power
      return zip(centred, y).map { gain * ($0 - along * $1) }
    }
    for row in 0..<count {
      slope[row] += Self.dot(changes[row], residual)
      for column in row..<count { curvature[row * count + column] += Self.dot(changes[row], changes[column]) }
    }
    square += Self.dot(residual, residual)
    frames += 1
    samples += measured.count
  }

  private static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    return values.map { $0 - mean }
  }

  private static func dot(_ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    for index in first.indices { sum += first[index] * second[index] }
    return sum
  }

  var discrepancy: Double { square / Double(2 * max(1, frames)) }

  /// That of a sample's residual, at a discrepancy.
  func variance(at discrepancy: Double) -> Double { 2 * discrepancy * Double(frames) / Double(max(1, samples)) }

  /// What some of the parameters explain: the part of the discrepancy, and the logarithm of their evidence beside that of none. Priors say
  /// what a calibration from nothing may find, and what drifts moves by less: of some parts of the priors, the one of the largest evidence
  /// counts.
  func part(of places: [Int], variance: Double) -> (explained: Double, evidence: Double) {
    let matrix = places.flatMap { row in
      places.map { column in curvature[min(row, column) * count + max(row, column)] }
    }
    let eigen = SymmetricEigen(matrix, order: places.count)
    let directions = eigen.values.indices.map { index in
      let vector = eigen.vectors[index * places.count..<(index + 1) * places.count]
      return (
        curvature: max(eigen.values[index], 0), slope: zip(vector, places).reduce(0) { $0 + $1.0 * slope[$1.1] }
      )
    }
    let parts = Self.widths.map { width in
      var (explained, evidence) = (0.0, 0.0)
      for direction in directions {
        let (curvature, slope) = (width * width * direction.curvature, width * direction.slope)
        let step = slope / (curvature + variance)
        explained += 2 * step * slope - curvature * step * step
        evidence += (slope * step / variance - log(curvature / variance + 1)) / 2
      }
      return (explained / Double(2 * max(1, frames)), evidence)
    }
    return parts.max { $0.1 < $1.1 } ?? (0, 0)
  }

  private static let widths = [1, 0.3, 0.1, 0.03, 0.01, 0.003]
}
