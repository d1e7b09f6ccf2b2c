import Arrays
import Catalogues
import Measuring
import Report
import Twin

/// Finds amplitude and phase of the light on the input: profile and Zernike aberrations, and what these lack as a map free in form; and a
/// map of the phase of each layer, without which what is not flat about them would be taken for the light's.
///
/// It needs angles that are nearly right, from `alignment` or `twin`, and moves them with everything else that the bench file frees or
/// says to be off. So its product holds all of these, and stands by itself: a later alignment does not make it stale.
public struct SourceRoutine: CalibrationRoutine {
  public static let declaration = Declaration(
    "source", "amplitude and wavefront of the light, free in form, from ten random patterns")
  public static let needs: [ProductKind] = []
  /// What tells of angles: without any of them, cells find nothing.
  public static let startsFrom: [ProductKind] = [.twin, .alignment, .source]
  public static let uses: [ProductKind] = [.camera, .registration, .response]
  public static let gives = ProductKind.source

  public static func check(_ bench: StatedBench) throws { _ = try LitWavefront(bench.description) }

  /// Patterns that are fitted while the fineness of the map is chosen, and those that choose it. At last all of them are fitted.
  public var fitted = 8
  public var heldOut = 2
  /// Samples of the twin along each side of a layer pixel.
  public var sampling = 2
  /// Coefficients of the map along each side that are tried.
  public var finenesses = [16, 32, 48]
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// A fit, and what it took.
  public struct Outcome: Sendable {
    package let fit: SourceFitReport
    /// Where the search began.
    package let start: TwinParameters
    /// Whether the input is imaged on the first layer.
    package let isImaged: Bool
    /// Frames taken, those that saturated included.
    public let frames: Int
    let patterns: (all: Int, heldOut: Int)
  }

  public func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? {
    guard measured.isEmpty else { return nil }
    let geometry = bench.description.geometry
    return FramePlan(
      patterns: CellPatterns(layers: geometry.layers, grid: geometry.grid).series(fitted + heldOut, seed: seed),
      input: bench.whiteImage, heldOut: heldOut)
  }

  public func fit(
    _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> Outcome {
    let acquired = measured[0]
    guard acquired.showsLight else { throw CalibrationError.noLight }
    let data = bench.fitData(of: acquired)
    let twin = try bench.twin(sampling: sampling, threads: work.threads)
    var options = SourceFitOptions()
    options.finenesses = finenesses
    options.believed = Self.believed(of: bench)
    options.roughness = bench.stated.roughness ?? LayerRoughness(of: bench.description.geometry)
    let names = Self.moving(on: bench)
    let fit = try SourceFit(twin, data, moving: names, options).run {
      work.progress(.fit, Int(100 * $0.part), 100)
    }
    return Outcome(
      fit: fit, start: bench.parameters, isImaged: bench.description.geometry.kind == .cavity, frames: acquired.taken,
      patterns: (fitted + heldOut, heldOut))
  }

  /// What is believed before: of the angles and distances of the light's way what a fit to other frames found, of all else what the bench
  /// file says. Cells scatter light so widely that a twin's sampling limits how well it computes them, and a few of them would move
  /// angles that squares have told.
  static func believed(of bench: CalibratedBench) -> TwinParameters {
    var believed = bench.stated.parameters
    guard let known = bench.products.last(where: { [.twin, .alignment].contains($0.kind) }) else { return believed }
    for var parameter in believed.all where parameter.group == .alignment {
      guard let deviation = known.posterior.standardDeviation(of: parameter.name), deviation < parameter.prior,
        let value = known.content.value(of: parameter.name)
      else { continue }
      (parameter.value, parameter.prior) = (value, max(deviation, leastDeviation * parameter.prior))
      try? believed.update(parameter)
    }
    return believed
  }

  /// The least deviation that is believed, as a part of what was believed before any calibration.
  private static let leastDeviation = 1e-4

  /// What the bench file frees, what it says to be off, and the source. Not what no frame tells: the light's power, which every frame has
  /// a gain for, and the first layer's flatness where the input is imaged on it, which is the source by another name.
  static func moving(on bench: CalibratedBench) -> [String] {
    let asked = Set(bench.parameters.free.map(\.name) + bench.stated.considered)
    let isImaged = bench.description.geometry.kind == .cavity
    return bench.parameters.all.filter { parameter in
      let isSource = parameter.name.hasPrefix("modulatorZernike") || parameter.name.hasPrefix("illumination")
      let isTwice = isImaged && parameter.name.hasPrefix("plane1Zernike")
      return (asked.contains(parameter.name) || isSource) && !isTwice
        && !TwinParameters.brightness.contains(parameter.name)
    }.map(\.name)
  }

  public func content(of outcome: Outcome) -> ProductContent {
    .source(
      SourceModel(
        parameters: ParameterValues(outcome.fit.moved, of: outcome.fit.parameters), map: outcome.fit.forms.source,
        layers: outcome.fit.forms.layers))
  }

  public func posterior(of outcome: Outcome) -> Posterior {
    let fit = outcome.fit
    let places = fit.lowOrders.indices.filter { fit.lowOrders[$0] >= 4 }
    return Posterior(
      names: places.map { "modulatorZernike\(fit.lowOrders[$0])" },
      covariance: places.flatMap { row in places.map { fit.covariance[row * fit.lowOrders.count + $0] } })
  }

  public func report(on outcome: Outcome) -> RoutineReport { SourceWords(outcome).report }

  public func figures(
    of outcome: Outcome, _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure] {
    try SourceFigures(outcome, on: bench, sampling: sampling).figures
      + FrameFigures(measured[0], on: bench, sampling: sampling, threads: work.threads).figures
  }
}

extension AcquiredFrames {
  /// Whether two frames of one pattern resemble each other: what differs between them is noise.
  fileprivate var showsLight: Bool {
    guard repeats.count > 0 else { return true }
    return Discrepancy(frames.planes(0..<1), repeats.planes(0..<1)).pearson < 0.5
  }
}

extension ProductContent {
  /// A parameter's value as a fit of the light's way found it; nil in products of other kinds.
  fileprivate func value(of name: String) -> Double? {
    switch self {
    case .twin(let parameters): parameters.parameter(named: name)?.value
    case .alignment(let values): values.values[name]
    default: nil
    }
  }
}
