import Catalogues
import Devices
import Measuring
import ReadableNumbers
import Report

/// Finds how long the panels take from a command to light, in each direction, from frames that are taken while they change.
public struct TimingRoutine: CalibrationRoutine {
  public static let declaration = Declaration(
    "timing", "latency of the panels, rise and fall of the light, rolling shutter")
  public static let needs: [ProductKind] = []
  public static let gives = ProductKind.timing

  public static func check(_ bench: StatedBench) throws {
    guard bench.layout != nil else { throw CalibrationError.noDevices }
  }

  /// Nothing is drawn by lot.
  public init(seed: UInt64) {}

  public func plan(for bench: CalibratedBench, after measured: [AcquiredSteps]) throws -> RawPlan? {
    guard let layout = bench.layout else { throw CalibrationError.noDevices }
    return try TimingPlan(layout).next(after: measured)
  }

  public func fit(_ measured: [AcquiredSteps], on bench: CalibratedBench, _ work: RoutineWork) throws -> TimingFit {
    guard let layout = bench.layout else { throw CalibrationError.noDevices }
    return try TimingFit(measured, layout)
  }

  public func content(of fit: TimingFit) -> ProductContent {
    var model = TimingModel()
    for panel in fit.panels {
      switch panel.role {
      case .layers:
        (model.layerLatency, model.layerSettle, model.layers) = (panel.latency, panel.settle, PanelResponse(panel))
      case .input:
        (model.inputLatency, model.inputSettle, model.input) = (panel.latency, panel.settle, PanelResponse(panel))
      }
    }
    return .timing(model)
  }

  public func report(on fit: TimingFit) -> RoutineReport {
    RoutineReport(
      estimates: fit.panels.flatMap(\.estimates), weaknesses: fit.unknown, frames: fit.frames, fitted: fit.frames,
      meaning: "the bench waits " + fit.panels.map(\.wait).joined(separator: " and "))
  }

  public func figures(
    of fit: TimingFit, _ measured: [AcquiredSteps], on bench: CalibratedBench, _ work: RoutineWork
  ) -> [Figure] { fit.panels.map { .curves(TimingFigure($0).plot) } }
}

extension PanelResponse {
  init(_ panel: TimingFit.Panel) {
    func response(_ fit: StepFit) -> StepResponse {
      StepResponse(latency: fit.latency.value, slope: fit.slope.value, settle: fit.settle.value)
    }
    self.init(
      rise: response(panel.rise), fall: response(panel.fall), jitter: panel.jitter, margin: panel.margin,
      rowDelay: panel.rolls ? panel.rowDelay.value : 0)
  }
}

extension TimingFit.Panel {
  /// How long the bench waits for it, in words.
  fileprivate var wait: String {
    "\(brief(1000 * (latency + settle))) ms for the \(role == .layers ? "layers" : "input")"
  }

  fileprivate var estimates: [Estimate] {
    func estimate(_ name: String, _ found: Found) -> Estimate {
      found.estimate("\(role.rawValue).\(name)", "s")
    }
    func estimates(_ name: String, _ fit: StepFit) -> [Estimate] {
      [
        estimate("\(name).latency", fit.latency), estimate("\(name).slope", fit.slope),
        estimate("\(name).settle", fit.settle),
      ]
    }
    return estimates("rise", rise) + estimates("fall", fall) + [
      estimate("rowDelay", rowDelay), estimate("jitter", .init(value: jitter, deviation: 0)),
      estimate("margin", .init(value: margin, deviation: 0)),
    ]
  }
}
