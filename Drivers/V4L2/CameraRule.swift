import CV4L
import Devices

/// What a control must be for pictures to be a measurement: values in proportion to light, pixel for pixel, and nothing that
/// changes by itself.
struct CameraRule: Sendable {
  enum Wanted: Sendable {
    case number(Int)
    /// The lowest value, which the kernel's documentation says switches the filter off.
    case lowest
    case highest
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
    case .highest: range.values.upperBound
    case .standard: range.standard
    }
  }

  private static let drifts = "the brightness of pictures changes by itself"
  static let exposes = "the exposure changes by itself"
  private static let bends = "values are not in proportion to light"
  private static let filters = "pixels are mixed with their neighbours"
  private static let moves = "pixels lie elsewhere than the layout says"
  private static let lights = "the camera lights what it looks at"
  private static let shifts = "values are scaled or shifted against those of another day"

  /// The warning with its name; nil when it has none.
  static func effect(of warning: String) -> DeviceEffect? {
    [drifts, exposes].contains { warning.hasSuffix(": " + $0) } ? DeviceEffect(.automatic, warning) : nil
  }

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
    // What a control moves in the optics would take a while to come back from another value.
    CameraRule(
      cv4l_zoom_absolute, "zoom", .lowest, "pictures are a magnified part, whose pixels may be interpolated",
      mayBeNudged: false),
    CameraRule(cv4l_zoom_continuous, "continuous zoom", .number(0), moves, mayBeNudged: false),
    CameraRule(cv4l_pan_absolute, "pan", .standard, moves, mayBeNudged: false),
    CameraRule(cv4l_tilt_absolute, "tilt", .standard, moves, mayBeNudged: false),
    CameraRule(cv4l_pan_speed, "pan speed", .number(0), moves, mayBeNudged: false),
    CameraRule(cv4l_tilt_speed, "tilt speed", .number(0), moves, mayBeNudged: false),
    CameraRule(cv4l_privacy, "privacy", .number(0), "pictures are black", mayBeNudged: false),
    CameraRule(cv4l_deinterlacing, "deinterlacing", .number(0), filters, mayBeNudged: false),
    CameraRule(
      cv4l_jpeg_quality, "JPEG quality", .highest, "more of the picture is lost in compression than need be",
      mayBeNudged: false),
    CameraRule(cv4l_illuminator_1, "first illuminator", .number(0), lights, mayBeNudged: false),
    CameraRule(cv4l_illuminator_2, "second illuminator", .number(0), lights, mayBeNudged: false),
    CameraRule(cv4l_flash_mode, "flash", .number(0), lights, mayBeNudged: false),
    CameraRule(cv4l_flash_indicator, "indicator light", .lowest, lights, mayBeNudged: false),
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
    CameraRule(cv4l_chroma_gain, "chroma gain", .standard, shifts),
    CameraRule(cv4l_colour_killer, "colour killer", .standard, shifts),
    CameraRule(cv4l_iso, "sensitivity", .standard, shifts),
    CameraRule(cv4l_digital_gain, "digital gain", .standard, shifts),
    CameraRule(cv4l_analogue_gain, "analogue gain", .standard, shifts),
    CameraRule(cv4l_gain, "gain", .standard, shifts),
  ]

  /// Controls that the driver sets in another way, that do nothing once the automatics and effects are off, and focus and iris,
  /// which are the user's to set.
  static let others: Set<UInt32> = [
    cv4l_exposure_auto, cv4l_exposure_absolute, cv4l_exposure, cv4l_exposure_bias, cv4l_exposure_metering, cv4l_gamma,
    cv4l_lock_3a, cv4l_colour_effect_cbcr, cv4l_colour_effect_rgb, cv4l_focus_absolute, cv4l_iris_absolute,
    cv4l_rgb_range,
  ]

  /// Whether a control of a driver's own sounds as if it changed pictures.
  static func soundsLikeProcessing(_ name: String) -> Bool {
    let words = [
      "auto", "hdr", "dynamic", "noise", "sharp", "gamma", "contrast", "shading", "backlight", "low light", "compensat",
      "tone", "defog", "dehaze", "flip", "mirror", "test pattern", "filter", "denois", "correct", "equali", "zoom",
      "tilt",
      "crop", "binning", "skipping", "interpol", "defect", "dead pixel", "compand", "lookup", "boost", "night",
      "strobe",
      "torch", "illumin", "stabili", "gain", "saturat", "smooth", "vignet", "distort", "rotat", "effect",
    ]
    let name = name.lowercased()
    return words.contains { name.contains($0) }
  }
}
