import ReadableNumbers
import Twin

/// What was found of the crosstalk, for people.
struct CrosstalkWords {
  let report: RoutineReport

  init(_ outcome: CrosstalkRoutine.Outcome, fitted: Int, heldOut: Int) {
    let fit = outcome.fit
    report = RoutineReport(
      estimates: fit.entries, before: fit.before, after: fit.after, verdict: fit.verdict, noiseRatio: fit.noiseRatio,
      weaknesses: [Self.choice(outcome)] + fit.identifiability.weaknesses.map(\.words),
      untouched: outcome.isSided ? [] : CrosstalkRoutine.sides, frames: outcome.frames, fitted: fitted,
      heldOut: heldOut, iterations: outcome.even.iterations + outcome.sided.iterations,
      meaning: Self.meaning(fit.parameters))
  }

  private static func choice(_ outcome: CrosstalkRoutine.Outcome) -> String {
    "With sides that may differ, held-out patterns are predicted better by \(brief(outcome.gain.mean)) ± "
      + "\(brief(outcome.gain.error)) (1 - Pearson), so "
      + (outcome.isSided ? "they do." : "nothing says that they do: all sides are taken to be alike.")
  }

  private static func meaning(_ parameters: TwinParameters) -> String {
    let width = parameters["crosstalk"]
    func reach(_ aspect: Double, _ skew: Double) -> String {
      let axis = width * (1 + aspect)
      return "\(micrometres(axis * (1 - skew))) and \(micrometres(axis * (1 + skew)))"
    }
    let aspect = parameters["crosstalkAspect"]
    let (x, y) = (parameters["crosstalkSkewX"], parameters["crosstalkSkewY"])
    let spread =
      aspect == 0 && x == 0 && y == 0
      ? "\(micrometres(width)) to all sides"
      : "\(reach(aspect, x)) to the left and right, \(reach(-aspect, y)) upwards and downwards"
    return "the phase of a pixel runs over its edges by \(spread) (standard deviation); "
      + "\(brief(100 * parameters["fillFactor"])) % of a pixel's area are modulated"
  }

  private static func micrometres(_ length: Double) -> String { "\(brief(1e6 * length)) µm" }
}
