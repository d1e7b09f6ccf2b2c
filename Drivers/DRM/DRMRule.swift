import Devices

/// What a property must be for grey levels to reach the panel as they are, pixel for pixel.
package struct DRMRule: Sendable {
  package enum Wanted: Sendable, Equatable {
    /// The first of these words that the property has.
    case word([String])
    case number(UInt64)
    /// The upper end of the range.
    case highest
    /// The middle of a range from 0 to 100, which changes nothing; in another range nobody knows what does.
    case middle
    /// No data.
    case none
  }

  package let kinds: [DRMObject.Kind]
  /// Every name that kernel drivers give it. Case, blanks, `_` and `-` make no difference.
  package let names: [String]
  package let wanted: Wanted
  /// What happens to the patterns where this cannot be had; nil when nothing does, as the driver shows one opaque picture of RGB
  /// values that fills the screen.
  package let consequence: String?

  init(_ kinds: [DRMObject.Kind], _ names: [String], _ wanted: Wanted, _ consequence: String?) {
    self.kinds = kinds
    self.names = names
    self.wanted = wanted
    self.consequence = consequence
  }

  private init(_ kind: DRMObject.Kind, _ names: [String], _ wanted: Wanted, _ consequence: String?) {
    self.init([kind], names, wanted, consequence)
  }

  func applies(to property: DRMProperty, of kind: DRMObject.Kind) -> Bool {
    kinds.contains(kind) && names.contains { Self.isSame($0, property.name) }
  }

  /// The value that the property should have, nil when it has none such.
  func value(for property: DRMProperty) -> UInt64? {
    switch (wanted, property.form) {
    case (.word(let wanted), .words(let words)): Self.first(of: wanted, in: words)
    case (.word(let wanted), .bits(let bits)): Self.first(of: wanted, in: bits).flatMap { $0 < 64 ? 1 << $0 : nil }
    case (.number(let number), .range(let range)): range.contains(number) ? number : nil
    case (.number(let number), .words(let words)): words.values.contains(number) ? number : nil
    // A fixed-point number with a sign.
    case (.number(let number), .other): number
    case (.highest, .range(let range)): range.upperBound
    case (.middle, .range(let range)): range == 0...100 ? 50 : nil
    case (.none, .blob): 0
    default: nil
    }
  }

  private static func first(of wanted: [String], in words: [String: UInt64]) -> UInt64? {
    for word in wanted {
      if let found = words.first(where: { isSame($0.key, word) }) { return found.value }
    }
    return nil
  }

  private static func isSame(_ first: String, _ second: String) -> Bool { plain(first) == plain(second) }

  private static func plain(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == ":" })
  }

  // MARK: - Properties that no rule is about

  /// Whether a property of a driver's own sounds as if it changed levels or moved pixels.
  static func soundsLikeProcessing(_ name: String) -> Bool {
    let plain = plain(name)
    if harmless.contains(plain) || plain.contains("backlight") || plain.contains("size") { return false }
    return telling.contains { plain.contains($0) }
  }

  private static let telling = [
    "gamma", "lut", "ctm", "matrix", "csc", "color", "colour", "range", "quant", "dither", "scal", "sharp", "bright",
    "contrast", "satur", "hue", "vibran", "margin", "underscan", "overscan", "filter", "gain", "tone", "hdr", "blend",
    "rotat", "reflect", "flip", "mirror", "bpc", "depth", "enhanc", "crop", "zoom", "pattern", "noise", "smooth",
    "transkey",
  ]

  /// Encodings of what is no RGB, what lies behind the picture, and the colour of a key that is off.
  private static let harmless: Set = [
    "colorencoding", "backgroundcolor", "background", "alphablender", "blendmode", "alphascale", "transkey",
    "colorkeymin", "colorkeymax", "colorkeyval",
  ]

  /// Words for a property that does nothing.
  static func isNeutral(_ word: String) -> Bool {
    ["none", "off", "default", "automatic", "auto", "bypass", "disable", "disabled", "normal", "identity"].contains(
      plain(word))
  }

  /// The name of a consequence; nil for one that has none.
  static func effect(of consequence: String?) -> DeviceEffect.Kind? {
    switch consequence {
    case compressed: .limitedRange
    case dithered, cut: .dithering
    case scaled, stretched: .scaling
    default: nil
    }
  }

  /// Those about the range of levels on the cable.
  static let range = all.filter { $0.consequence == compressed }

  // MARK: - The rules

  private static let compressed =
    "levels 0 to 255 are sent as 16 to 235: phases reach 86 % of what they should, and 2 pi is not reached"
  private static let converted = "levels are converted to another colour space and rounded on the way"
  private static let dithered =
    "each level is made up of its neighbours, which alternate from frame to frame and from pixel to pixel"
  private static let cut = "levels are cut or dithered to fewer bits, or sent with more than the panel has"
  private static let stretched = "the panel may stretch the picture"
  private static let scaled = "the picture is scaled, so that no pixel of a pattern is a pixel of the panel"
  private static let bent = "levels go through a table or matrix and come out as others"
  private static let processed = "the picture is changed on its way: sharpened, smoothed, brightened or coloured"
  private static let holed = "one colour of the patterns is taken for a hole"
  private static let turned = "patterns are turned or mirrored on the panel"

  /// All of them. What the kernel's drivers call their properties, those of boards' own kernels included.
  package static let all: [DRMRule] = [
    // The range of levels and their encoding on the cable.
    DRMRule(.connector, ["Broadcast RGB"], .word(["Full"]), compressed),
    DRMRule(
      .connector,
      ["hdmi_quant_range", "quant_range", "RGB quantization range", "color range", "preferred color range"],
      .word(["full", "Full range"]), compressed),
    DRMRule(.connector, ["output_csc"], .word(["bypass"]), compressed),
    DRMRule(.crtc, ["CSC_RGB"], .word(["Computer system"]), compressed),
    DRMRule(
      .connector,
      ["hdmi_output_format", "output format", "color format", "force color format", "preferred color format"],
      .word(["output_rgb", "RGB", "RGB444", "RGB 4:4:4"]), converted),
    DRMRule(.connector, ["Colorspace", "hdmi_output_colorimetry"], .word(["Default", "None"]), converted),
    DRMRule(.connector, ["HDR_OUTPUT_METADATA", "HDR_SOURCE_METADATA"], .none, bent),
    DRMRule(.plane, ["COLOR_SPACE", "EOTF"], .number(0), converted),
    DRMRule(.plane, ["COLOR_RANGE"], .word(["YCbCr full range"]), nil),
    // Bits of a level.
    DRMRule(.connector, ["max bpc"], .number(8), cut),
    DRMRule(
      .connector, ["hdmi_output_depth", "hdmi_output_color_depth", "color depth"],
      .word(["24bit", "8bit", "8 bpc", "24"]), dithered),
    DRMRule(
      [.connector, .crtc], ["dithering mode", "dither", "dithering"], .word(["off", "disabled", "none"]), dithered),
    DRMRule([.connector, .crtc], ["dithering depth"], .word(["8 bpc", "8bpc"]), dithered),
    // Size and place.
    DRMRule(.connector, ["left margin", "right margin", "top margin", "bottom margin"], .number(0), scaled),
    // Rockchip's own kernels: per cent of the screen that the picture fills.
    DRMRule(.crtc, ["left margin", "right margin", "top margin", "bottom margin"], .highest, scaled),
    DRMRule(.connector, ["underscan"], .word(["off"]), scaled),
    DRMRule(.connector, ["underscan hborder", "underscan vborder", "overscan"], .number(0), scaled),
    DRMRule(.connector, ["scaling mode"], .word(["None", "Center", "Full aspect", "Full"]), scaled),
    DRMRule([.crtc, .plane], ["SCALING_FILTER"], .word(["Nearest Neighbor", "Default"]), nil),
    DRMRule(.connector, ["aspect ratio"], .word(["Automatic"]), stretched),
    DRMRule([.crtc, .plane], ["rotation"], .word(["rotate-0"]), turned),
    // Tables and matrices.
    DRMRule(.crtc, ["GAMMA_LUT", "DEGAMMA_LUT", "CTM"], .none, bent),
    DRMRule(.crtc, ["CUBIC_LUT", "ACM_LUT_DATA", "POST_CSC_DATA", "POST_SHARP_DATA"], .none, bent),
    DRMRule(.crtc, ["AMD_CRTC_REGAMMA_TF"], .word(["Default", "Identity"]), bent),
    DRMRule(
      .plane,
      ["AMD_PLANE_DEGAMMA_LUT", "AMD_PLANE_CTM", "AMD_PLANE_SHAPER_LUT", "AMD_PLANE_LUT3D", "AMD_PLANE_BLEND_LUT"],
      .none,
      bent),
    DRMRule(
      .plane, ["AMD_PLANE_DEGAMMA_TF", "AMD_PLANE_SHAPER_TF", "AMD_PLANE_BLEND_TF"], .word(["Default", "Identity"]),
      bent),
    // 1 as a fixed-point number with 32 bits behind the point.
    DRMRule(.plane, ["AMD_PLANE_HDR_MULT"], .number(1 << 32), bent),
    // NVIDIA's own driver.
    DRMRule(.plane, ["NV_INPUT_COLORSPACE"], .word(["None"]), converted),
    DRMRule(
      .plane,
      [
        "NV_HDR_STATIC_METADATA", "NV_PLANE_DEGAMMA_LUT", "NV_PLANE_LMS_CTM", "NV_PLANE_LMS_TO_ITP_CTM",
        "NV_PLANE_ITP_TO_LMS_CTM", "NV_PLANE_BLEND_CTM", "NV_PLANE_TMO_LUT",
      ], .none, bent),
    DRMRule(.crtc, ["NV_CRTC_REGAMMA_LUT"], .none, bent),
    DRMRule(.plane, ["NV_PLANE_DEGAMMA_TF"], .word(["Default", "Linear"]), bent),
    DRMRule(.crtc, ["NV_CRTC_REGAMMA_TF"], .word(["Default", "Linear"]), bent),
    DRMRule(.plane, ["NV_PLANE_DEGAMMA_MULTIPLIER"], .number(1 << 32), bent),
    DRMRule(.crtc, ["NV_CRTC_REGAMMA_DIVISOR"], .number(1 << 32), bent),
    DRMRule(.plane, ["COLOR_PIPELINE"], .word(["Bypass"]), bent),
    // Processing of the picture.
    DRMRule(.crtc, ["SHARPNESS_STRENGTH"], .number(0), processed),
    // Komeda's planes; test patterns of the Zynq's display port.
    DRMRule(.plane, ["img_enhancement"], .number(0), processed),
    DRMRule([.crtc, .plane], ["tpg"], .number(0), "the card shows a test pattern instead of the picture"),
    DRMRule(
      .connector,
      [
        "sharpness", "flicker reduction", "flicker_filter", "flicker_filter_adaptive", "flicker_filter_2d",
        "tv_chroma_filter", "tv_luma_filter", "dot_crawl",
      ], .number(0), processed),
    DRMRule([.connector, .crtc], ["brightness", "contrast", "saturation", "hue"], .middle, processed),
    DRMRule(.connector, ["vibrant hue"], .number(90), processed),
    DRMRule(.connector, ["color vibrance"], .number(150), processed),
    DRMRule(.connector, ["content type"], .word(["Graphics", "No Data"]), processed),
    DRMRule(.connector, ["abm level"], .number(0), "the card dims the panel and stretches levels to save power"),
    DRMRule(
      .connector, ["adaptive backlight modulation"], .word(["off"]),
      "the card dims the panel and stretches levels to save power"),
    DRMRule(
      .connector, ["panel power saving", "power saving policy"], .word(["Forbidden", "Require color accuracy"]),
      "the card dims the panel and stretches levels to save power"),
    DRMRule(
      .connector, ["privacy-screen sw-state"], .word(["Disabled"]), "the panel's privacy screen takes light away"),
    // Composition: one opaque picture.
    DRMRule(.plane, ["alpha", "global_alpha"], .highest, "the picture is mixed with black"),
    DRMRule(.plane, ["pixel blend mode"], .word(["None", "Pre-multiplied"]), nil),
    DRMRule(.plane, ["colorkey", "colorkey_alpha"], .number(0), holed),
    DRMRule(.plane, ["colorkey_mode"], .word(["disabled", "none"]), holed),
    // OMAP's and its successors'.
    DRMRule([.crtc, .plane], ["trans-key-mode"], .word(["disable", "disabled", "none"]), holed),
    // Time.
    DRMRule(.crtc, ["VRR_ENABLED"], .number(0), "scan-outs do not take the time that the mode says"),
    DRMRule(.connector, ["freesync"], .number(0), "scan-outs do not take the time that the mode says"),
    DRMRule(.crtc, ["mode"], .word(["normal"]), "the screen is blank"),
    // The link.
    DRMRule(.connector, ["link-status"], .word(["Good"]), "the link to the panel failed; the panel may show nothing"),
    DRMRule(
      .connector, ["Content Protection"], .word(["Undesired"]),
      "the card may go dark to agree with the panel on a key"),
  ]
}
