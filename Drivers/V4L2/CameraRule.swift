import CV4L

/// What a control must be for pictures to be a measurement: values in proportion to light, pixel for pixel, and nothing that
/// changes by itself.
struct CameraRule: Sendable {
  enum Wanted: Sendable {
    case number(Int)
    /// The lowest value, which the kernel's documentation says switches the filter off.
    case lowest
    /// What the camera has by default.
    case standard
  }

  let identifier: UInt32
  let name: String
  let wanted: Wanted
  /// What the pictures are where this cannot be had.
  let consequence: String
  /// Whether writing another value for a moment, and then the wanted one, does no harm.
  let mayBeNudged: Bool

  init(_ identifier: UInt32, _ name: String, _ wanted: Wanted, _ consequence: String, mayBeNudged: Bool = true) {
    self.identifier = identifier
    self.name = name
    self.wanted = wanted
    self.consequence = consequence
    self.mayBeNudged = mayBeNudged
  }

  func value(in range: ControlRange) -> Int? {
    switch wanted {
    case .number(let number): range.values.contains(number) ? number : nil
    case .lowest: range.values.lowerBound
    case .standard: range.standard
    }
  }

  private static let drifts = "the brightness of pictures changes by itself"
  private static let bends = "values are not in proportion to light"
  private static let filters = "pixels are mixed with their neighbours"
  private static let moves = "pixels lie elsewhere than the layout says"
  private static let shifts = "values are scaled or shifted against those of another day"

  /// In the order in which they are set: what works by itself first, since it holds the others.
  static let all: [CameraRule] = [
    CameraRule(cv4l_autogain, "automatic gain", .number(0), drifts),
    CameraRule(cv4l_autobrightness, "automatic brightness", .number(0), drifts),
    CameraRule(cv4l_auto_white_balance, "automatic white balance", .number(0), drifts),
    CameraRule(cv4l_white_balance_preset, "white balance preset", .number(0), drifts),
    CameraRule(cv4l_exposure_auto_priority, "frame rate that follows the exposure", .number(0), drifts),
    CameraRule(cv4l_iso_auto, "automatic sensitivity", .number(0), drifts),
    CameraRule(cv4l_hue_auto, "automatic hue", .number(0), drifts),
    CameraRule(cv4l_chroma_agc, "automatic chroma gain", .number(0), drifts),
    CameraRule(cv4l_scene_mode, "scene mode", .number(0), drifts, mayBeNudged: false),
    CameraRule(
      cv4l_power_line_frequency, "power line filter", .number(0), "exposures are rounded to the mains' period"),
    CameraRule(cv4l_band_stop_filter, "band stop filter", .number(0), "exposures are rounded to the mains' period"),
    CameraRule(cv4l_wide_dynamic_range, "wide dynamic range", .number(0), bends),
    CameraRule(cv4l_hdr_sensor_mode, "high dynamic range", .number(0), bends, mayBeNudged: false),
    CameraRule(cv4l_backlight_compensation, "backlight compensation", .lowest, bends),
    CameraRule(cv4l_colour_effect, "colour effect", .number(0), bends, mayBeNudged: false),
    CameraRule(cv4l_sharpness, "sharpness", .lowest, filters),
    CameraRule(cv4l_image_stabilization, "image stabilisation", .number(0), moves, mayBeNudged: false),
    CameraRule(cv4l_focus_auto, "automatic focus", .number(0), moves, mayBeNudged: false),
    CameraRule(cv4l_horizontal_flip, "horizontal flip", .number(0), moves, mayBeNudged: false),
    CameraRule(cv4l_vertical_flip, "vertical flip", .number(0), moves, mayBeNudged: false),
    CameraRule(cv4l_rotate, "rotation", .number(0), moves, mayBeNudged: false),
    CameraRule(
      cv4l_test_pattern, "test pattern", .number(0), "pictures are not those of the sensor", mayBeNudged: false),
    CameraRule(cv4l_black_level, "black level", .standard, shifts),
    CameraRule(cv4l_brightness, "brightness", .standard, shifts),
    CameraRule(cv4l_contrast, "contrast", .standard, shifts),
    CameraRule(cv4l_saturation, "saturation", .standard, shifts),
    CameraRule(cv4l_hue, "hue", .standard, shifts),
    CameraRule(cv4l_white_balance_temperature, "white balance temperature", .standard, shifts),
    CameraRule(cv4l_red_balance, "red balance", .standard, shifts),
    CameraRule(cv4l_blue_balance, "blue balance", .standard, shifts),
    CameraRule(cv4l_digital_gain, "digital gain", .standard, shifts),
    CameraRule(cv4l_analogue_gain, "analogue gain", .standard, shifts),
    CameraRule(cv4l_gain, "gain", .standard, shifts),
  ]

  /// Controls that the driver sets in another way, or that do nothing once the automatics are off.
  static let others: Set<UInt32> = [
    cv4l_exposure_auto, cv4l_exposure_absolute, cv4l_exposure, cv4l_exposure_bias, cv4l_exposure_metering, cv4l_gamma,
  ]

  /// Whether a control of a driver's own sounds as if it changed pictures.
  static func soundsLikeProcessing(_ name: String) -> Bool {
    let words = [
      "auto", "hdr", "dynamic", "noise", "sharp", "gamma", "contrast", "shading", "backlight", "low light", "compensat",
      "tone", "defog", "dehaze", "flip", "mirror", "test pattern", "filter",
    ]
    let name = name.lowercased()
    return words.contains { name.contains($0) }
  }
}
