import ReadableNumbers

/// What frames of changes cannot tell.
extension TimingFit {
  /// Squared residuals beyond which the shape, or the steadiness of the panel, is in doubt; how much more a flickering light varies in
  /// short exposures; and by which part an exposure may miss a whole number of refreshes.
  private static let (misfit, flickering, whole) = (4.0, 2.0, 0.02)

  /// In words.
  var unknown: [String] {
    panels.flatMap(words) + flickerWords + refreshWords
  }

  private func words(_ panel: Panel) -> [String] {
    let name = panel.role.rawValue
    var words: [String] = []
    if panel.rolls {
      words.append(
        "\(name): whether the camera's shutter rolls or the panel is scanned: each row sees the change "
          + "\(seconds(panel.rowDelay.value)) earlier in its exposure than the one above it")
    }
    for (direction, fit) in [("rise", panel.rise), ("fall", panel.fall)] {
      if fit.latency.value < -2 * fit.latency.deviation {
        words.append("\(name), \(direction): the light changes before the receipt says that the pattern was shown")
      }
      if fit.chiSquare > Self.misfit {
        words.append(
          "\(name), \(direction): the shape of the change: frames differ from a ramp behind a lag by "
            + "\(number(fit.chiSquare.squareRoot(), significant: 2)) times their noise")
      }
      if fit.slope.deviation > 0.3 * fit.slope.value {
        words.append(
          "\(name), \(direction): how fast the light changes: in \(seconds(fit.slope.value)), give or take "
            + seconds(fit.slope.deviation))
      }
    }
    return words
  }

  private var flickerWords: [String] {
    guard let flicker else {
      return ["whether the light flickers: the camera has no control of its exposure, or too few frames rest"]
    }
    guard flicker.short > Self.flickering * flicker.long else { return [] }
    return [
      "whether panel or source flicker: the light varies by \(percent(flicker.short)) in short exposures and by "
        + "\(percent(flicker.long)) in long ones"
    ]
  }

  /// A panel that is refreshed gives an exposure that is not a whole number of refreshes a part that depends on its phase.
  private var refreshWords: [String] {
    (camera.panels ?? []).compactMap { panel in
      let refreshes = camera.settings.exposure * panel.refreshRate
      guard abs(refreshes - refreshes.rounded()) > Self.whole * max(1, refreshes) else { return nil }
      return
        "\(panel.name): what remains of a ripple with its refresh: the exposure lasts "
        + "\(number(refreshes, significant: 2)) refreshes, and only whole ones average it out"
    }
  }

  private func seconds(_ value: Double) -> String { "\(number(1e6 * value, significant: 3)) µs" }
}
