import Measuring
import ReadableNumbers
import Twin

/// What a fit of the source found, for people.
struct SourceWords {
  private let outcome: SourceRoutine.Outcome
  private let fit: SourceFitReport

  init(_ outcome: SourceRoutine.Outcome) { (self.outcome, fit) = (outcome, outcome.fit) }

  var report: RoutineReport {
    RoutineReport(
      estimates: estimates, before: fit.before, after: fit.after, verdict: fit.verdict, noiseRatio: fit.noiseRatio,
      weaknesses: choice + ambiguities, frames: outcome.frames, fitted: outcome.patterns.all,
      heldOut: outcome.patterns.heldOut, iterations: fit.iterations,
      suspicions: fit.verdict.isSufficient
        ? [] : ["The angles from which the search began may be off; calibrate alignment or twin again."],
      meaning: meaning)
  }

  /// Zernike polynomials are of unit variance, so that their squares add up.
  private var meaning: String {
    let squares = fit.lowOrders.filter { $0 >= 4 }.map { fit.parameters["modulatorZernike\($0)"] }.map { $0 * $0 }
    let waves = squares.reduce(0, +).squareRoot() / (2 * .pi)
    return "the low aberrations of the light are \(brief(waves)) waves RMS, and "
      + (fit.forms.source.map { "a map of \($0.fineness) × \($0.fineness) coefficients has the rest" }
        ?? "there is no map of the rest")
      + (roughness.map { "; the maps of the layers are \(brief($0)) rad RMS" } ?? "")
  }

  /// Root mean square of the layers' maps together, those that stay at nothing left out.
  private var roughness: Double? {
    let squares = (fit.forms.layers ?? []).map { $0.rms * $0.rms }.filter { $0 > 0 }
    return squares.isEmpty ? nil : (squares.reduce(0, +) / Double(squares.count)).squareRoot()
  }

  private var estimates: [Estimate] {
    let zernikes = fit.lowOrders.filter { $0 >= 4 }.map { noll in
      let name = "modulatorZernike\(noll)"
      return Estimate(
        name: name, unit: "rad", start: outcome.start[name], value: fit.parameters[name],
        standardDeviation: fit.deviation(noll) ?? 0)
    }
    return zernikes + [
      Estimate(name: "mapFineness", unit: "", value: Double(fit.forms.source?.fineness ?? 0), standardDeviation: 0)
    ]
  }

  /// How the fineness was chosen.
  private var choice: [String] {
    let tried = fit.trials.map { trial in
      "\(trial.shape.fineness.map { "\($0) × \($0)" } ?? "no map")\(trial.shape.ofLayers ? " and the layers'" : ""): "
        + brief(trial.heldOut)
    }
    let ofLayers = fit.forms.layers.map { " and maps of the layers with \($0[0].fineness) × \($0[0].fineness)" } ?? ""
    let chosen =
      (fit.forms.source.map { "a map of \($0.fineness) × \($0.fineness) coefficients" } ?? "no map") + ofLayers
    return [
      "The held-out patterns chose \(chosen) (1 - Pearson on them, \(tried.joined(separator: "; "))). Then all patterns were "
        + "fitted, so that no frame is left to judge the last step."
    ]
  }

  private var ambiguities: [String] {
    var words = [
      "Power: every frame has a gain of its own, so the amplitude is known up to a factor, and the phase up to a constant.",
      "Conjugate: the conjugate of the light, seen from the other side, differs from held-out frames by "
        + "\(brief(fit.conjugate.pearson)), the light that was found by \(brief(fit.after.pearson)); the patterns, whose phases are "
        + "known, tell the two apart.",
    ]
    if let x = fit.deviation(2), let y = fit.deviation(3) {
      words.append(
        "Tilt and shift: a tilt of the light moves what later planes see as a shift of layers and camera would; patterns on layers at "
          + "several distances tell them apart, to \(brief(max(x, y))) rad of the tilts' Zernike coefficients. The map and the angles of "
          + "the beam share one tilt; their sum is what counts.")
    }
    if let defocus = fit.deviation(4) {
      words.append(
        "Defocus and scale: a curved wavefront changes sizes as distances and the camera's scale do; that both layers and camera see "
          + "it at several distances tells them apart, to \(brief(defocus)) rad of modulatorZernike4.")
    }
    if outcome.isImaged {
      words.append(
        "First layer: the input is imaged on it, so what is not flat about it is in the wavefront, and no frame tells the two apart."
      )
    }
    if fit.forms.layers != nil {
      words.append(
        "Layers: as far as light does not spread on its way from one layer to the next, what is not flat about them looks alike; their "
          + "maps share it by what is believed of the layers' roughness. A map's low polynomials and the layer's own are one."
      )
    }
    return words
  }
}
