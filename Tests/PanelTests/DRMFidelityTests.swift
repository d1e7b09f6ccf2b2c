import CDRM
import DRM
import Devices
import Foundation
import Testing

/// A card whose properties a test has written. Names of properties are numbers on it, as in the kernel.
private final class ScriptedCard: DRMPort {
  enum Call: Equatable {
    case set(String)
    case commit([String], isTest: Bool)
    case setMode, flip, hideCursor, gamma
  }

  private(set) var table: [DRMObject: [DRMProperty]] = [:]
  /// Names that the card does not let one change, with the error.
  var refused: [String: Int32] = [:]
  /// Names that it takes and does not change.
  var ignored: Set<String> = []
  private(set) var calls: [Call] = []
  private var next: UInt32 = 100

  static let connector = DRMObject(1, .connector)
  static let crtc = DRMObject(2, .crtc)
  static let plane = DRMObject(3, .plane)
  static let path = DRMPath(connector: 1, crtc: 2, plane: 3)

  /// With what every atomic driver has.
  init() {
    for name in ["CRTC_ID"] { add(name, .other, 0, to: Self.connector) }
    for name in ["MODE_ID", "ACTIVE"] { add(name, .other, 0, to: Self.crtc) }
    for name in [
      "FB_ID", "CRTC_ID", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H", "SRC_X", "SRC_Y", "SRC_W", "SRC_H",
    ] { add(name, .other, 0, to: Self.plane) }
  }

  func add(_ name: String, _ form: DRMProperty.Form, _ value: UInt64, to object: DRMObject, isSettable: Bool = true) {
    next += 1
    table[object, default: []].append(
      DRMProperty(id: next, name: name, form: form, value: value, isSettable: isSettable))
  }

  func value(_ name: String, of object: DRMObject) -> UInt64? { table[object]?.first { $0.name == name }?.value }

  private func name(_ change: DRMChange) -> String? {
    table[change.object]?.first { $0.id == change.property }?.name
  }

  private func write(_ change: DRMChange) {
    guard let index = table[change.object]?.firstIndex(where: { $0.id == change.property }),
      let name = name(change), !ignored.contains(name)
    else { return }
    table[change.object]?[index].value = change.value
  }

  func properties(of object: DRMObject) -> [DRMProperty] { table[object] ?? [] }

  func set(_ change: DRMChange) -> Int32 {
    let name = name(change) ?? "?"
    calls.append(.set(name))
    if let code = refused[name] { return code }
    write(change)
    return 0
  }

  func commit(_ changes: [DRMChange], flags: UInt32, tag: UInt) -> Int32 {
    let isTest = flags & UInt32(DRM_MODE_ATOMIC_TEST_ONLY) != 0
    calls.append(.commit(changes.compactMap(name), isTest: isTest))
    for change in changes {
      if let code = refused[name(change) ?? "?"] { return code }
    }
    if !isTest { changes.forEach(write) }
    return 0
  }

  func blob(of mode: DRMMode) -> UInt32? { 77 }
  func setMode(_ mode: DRMMode, of connector: UInt32, crtc: UInt32, showing framebuffer: UInt32) -> Int32 {
    calls.append(.setMode)
    return refused["(setting the mode)"] ?? 0
  }
  func flip(_ crtc: UInt32, to framebuffer: UInt32, tag: UInt) -> Int32 {
    calls.append(.flip)
    return 0
  }
  func hideCursor(on crtc: UInt32) { calls.append(.hideCursor) }
  func setIdentityGamma(of crtc: UInt32) { calls.append(.gamma) }

  var findings: [DRMFidelity.Finding] { DRMFidelity(port: self, objects: Self.path.objects).findings() }
}

/// A property as a kernel driver offers it, found wrong, and what it must become.
private struct Row: Sendable, CustomTestStringConvertible {
  var kind: DRMObject.Kind
  var name: String
  var form: DRMProperty.Form
  var before: UInt64
  var after: UInt64
  var testDescription: String { "\(kind.rawValue) \(name)" }

  init(_ kind: DRMObject.Kind, _ name: String, _ words: [String], _ before: Int, _ after: Int) {
    (self.kind, self.name) = (kind, name)
    form = .words(Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, UInt64($0)) }))
    (self.before, self.after) = (UInt64(before), UInt64(after))
  }

  init(_ kind: DRMObject.Kind, _ name: String, _ range: ClosedRange<UInt64>, _ before: UInt64, _ after: UInt64) {
    (self.kind, self.name, form, self.before, self.after) = (kind, name, .range(range), before, after)
  }

  init(data kind: DRMObject.Kind, _ name: String) {
    (self.kind, self.name, form, before, after) = (kind, name, .blob, 41, 0)
  }

  init(bits kind: DRMObject.Kind, _ name: String, _ bits: [String: UInt64], _ before: UInt64, _ after: UInt64) {
    (self.kind, self.name, form, self.before, self.after) = (kind, name, .bits(bits), before, after)
  }

  var object: DRMObject {
    switch kind {
    case .connector: ScriptedCard.connector
    case .crtc: ScriptedCard.crtc
    case .plane: ScriptedCard.plane
    }
  }

  /// What kernel drivers have, written down from them and their documentation and not from the driver's table.
  static let all: [Row] = [
    // drm_connector.c, i915, vc4; gma500 without the first word.
    Row(.connector, "Broadcast RGB", ["Automatic", "Full", "Limited 16:235"], 2, 1),
    Row(.connector, "Broadcast RGB", ["Automatic", "Full", "Limited 16:235"], 0, 1),
    Row(.connector, "Broadcast RGB", ["Full", "Limited 16:235"], 1, 0),
    Row(.connector, "link-status", ["Good", "Bad"], 1, 0),
    Row(.connector, "Colorspace", ["Default", "BT709_YCC", "BT2020_RGB"], 2, 0),
    Row(.connector, "max bpc", 6...12, 12, 8), Row(.connector, "max bpc", 8...16, 10, 8),
    Row(data: .connector, "HDR_OUTPUT_METADATA"),
    Row(.connector, "content type", ["No Data", "Graphics", "Photo", "Cinema", "Game"], 3, 1),
    Row(.connector, "Content Protection", ["Undesired", "Desired", "Enabled"], 1, 0),
    Row(.connector, "scaling mode", ["None", "Full", "Center", "Full aspect"], 1, 0),
    Row(.connector, "scaling mode", ["Full", "Center", "Full aspect"], 0, 1),
    Row(.connector, "left margin", 0...100, 30, 0), Row(.connector, "right margin", 0...100, 30, 0),
    Row(.connector, "top margin", 0...100, 30, 0), Row(.connector, "bottom margin", 0...100, 30, 0),
    Row(.connector, "privacy-screen sw-state", ["Disabled", "Enabled"], 1, 0),
    // Television outputs and SDVO.
    Row(.connector, "left_margin", 0...200, 12, 0), Row(.connector, "bottom_margin", 0...200, 12, 0),
    Row(.connector, "overscan", 0...100, 50, 0), Row(.connector, "flicker reduction", 0...100, 50, 0),
    Row(.connector, "flicker_filter_2d", 0...7, 3, 0), Row(.connector, "sharpness", 0...7, 3, 0),
    Row(.connector, "brightness", 0...100, 70, 50), Row(.connector, "contrast", 0...100, 70, 50),
    // radeon, amdgpu.
    Row(.connector, "underscan", ["off", "on", "auto"], 2, 0),
    Row(.connector, "underscan hborder", 0...128, 20, 0), Row(.connector, "underscan vborder", 0...128, 20, 0),
    Row(.connector, "output_csc", ["bypass", "tvrgb", "ycbcr601", "ycbcr709"], 1, 0),
    Row(.connector, "dither", ["off", "on"], 1, 0), Row(.connector, "abm level", 0...4, 3, 0),
    Row(.connector, "adaptive backlight modulation", ["sysfs", "off", "min", "bias min", "bias max", "max"], 5, 1),
    Row(.connector, "freesync", 0...1, 1, 0),
    Row(.crtc, "AMD_CRTC_REGAMMA_TF", ["Default", "sRGB EOTF", "Identity"], 1, 0),
    Row(data: .plane, "AMD_PLANE_DEGAMMA_LUT"), Row(data: .plane, "AMD_PLANE_CTM"),
    Row(data: .plane, "AMD_PLANE_SHAPER_LUT"), Row(data: .plane, "AMD_PLANE_LUT3D"),
    Row(data: .plane, "AMD_PLANE_BLEND_LUT"), Row(.plane, "AMD_PLANE_DEGAMMA_TF", ["Default", "PQ EOTF"], 1, 0),
    Row(.plane, "AMD_PLANE_HDR_MULT", 0...UInt64.max, 2 << 32, 1 << 32),
    // nvidia-drm.
    Row(.plane, "NV_INPUT_COLORSPACE", ["None", "scRGB Linear FP16", "BT.2100 PQ"], 2, 0),
    Row(data: .plane, "NV_HDR_STATIC_METADATA"), Row(data: .plane, "NV_PLANE_LMS_CTM"),
    Row(data: .plane, "NV_PLANE_LMS_TO_ITP_CTM"), Row(data: .plane, "NV_PLANE_ITP_TO_LMS_CTM"),
    Row(data: .plane, "NV_PLANE_BLEND_CTM"), Row(data: .plane, "NV_PLANE_DEGAMMA_LUT"),
    Row(data: .plane, "NV_PLANE_TMO_LUT"), Row(data: .crtc, "NV_CRTC_REGAMMA_LUT"),
    Row(.plane, "NV_PLANE_DEGAMMA_TF", ["Default", "Linear", "PQ"], 2, 0),
    Row(.crtc, "NV_CRTC_REGAMMA_TF", ["Default", "Linear", "PQ"], 2, 0),
    Row(.plane, "NV_PLANE_DEGAMMA_MULTIPLIER", 0...UInt64.max, 125 << 32, 1 << 32),
    Row(.crtc, "NV_CRTC_REGAMMA_DIVISOR", 0...UInt64.max, 125 << 32, 1 << 32),
    // omapdrm, tidss, armada, komeda, ZynqMP.
    Row(.crtc, "trans-key-mode", ["disable", "gfx-dst", "vid-src"], 1, 0),
    Row(.plane, "global_alpha", 0...255, 100, 255), Row(.plane, "img_enhancement", 0...1, 1, 0),
    Row(.plane, "colorkey_mode", ["disabled", "Y component", "RGB"], 2, 0), Row(.crtc, "tpg", 0...1, 1, 0),
    Row(.connector, "aspect ratio", ["Automatic", "4:3", "16:9"], 1, 0),
    // nouveau.
    Row(.connector, "dithering mode", ["auto", "off", "static 2x2", "dynamic 2x2", "temporal"], 4, 1),
    Row(.connector, "dithering depth", ["auto", "6 bpc", "8 bpc"], 1, 2),
    Row(.connector, "vibrant hue", 0...180, 60, 90), Row(.connector, "color vibrance", 0...200, 200, 150),
    // Rockchip's own kernels.
    Row(.connector, "hdmi_quant_range", ["default", "limit", "full"], 1, 2),
    Row(.connector, "hdmi_output_format", ["output_rgb", "output_ycbcr444", "output_ycbcr422"], 2, 0),
    Row(.connector, "hdmi_output_colorimetry", ["None", "ITU_2020"], 1, 0),
    Row(.connector, "hdmi_output_depth", ["Automatic", "24bit", "30bit"], 2, 1),
    Row(.crtc, "left margin", 0...100, 90, 100), Row(.crtc, "top margin", 0...100, 90, 100),
    Row(.crtc, "brightness", 0...100, 60, 50), Row(data: .crtc, "CUBIC_LUT"),
    // Colour formats as proposed for all drivers.
    Row(.connector, "color format", ["Auto", "RGB 4:4:4", "YCbCr 4:2:0"], 2, 1),
    // The CRTC and the plane, all drivers.
    Row(data: .crtc, "GAMMA_LUT"), Row(data: .crtc, "DEGAMMA_LUT"), Row(data: .crtc, "CTM"),
    Row(.crtc, "VRR_ENABLED", 0...1, 1, 0), Row(.crtc, "SHARPNESS_STRENGTH", 0...255, 80, 0),
    Row(.crtc, "SCALING_FILTER", ["Default", "Nearest Neighbor"], 0, 1),
    Row(.crtc, "CSC_RGB", ["auto", "Computer system", "Studio"], 2, 1),
    Row(.crtc, "mode", ["normal", "blank"], 1, 0),
    Row(bits: .plane, "rotation", ["rotate-0": 0, "rotate-180": 2, "reflect-x": 4], 4 | 16, 1),
    Row(.plane, "alpha", 0...65535, 3000, 65535),
    Row(.plane, "pixel blend mode", ["None", "Pre-multiplied", "Coverage"], 2, 0),
    Row(.plane, "SCALING_FILTER", ["Default", "Nearest Neighbor"], 0, 1),
    Row(.plane, "COLOR_RANGE", ["YCbCr limited range", "YCbCr full range"], 0, 1),
    Row(.plane, "COLOR_PIPELINE", ["Bypass", "Color Pipeline 265"], 1, 0),
    Row(.plane, "colorkey", 0...0x1ff_ffff, 0x100_0000, 0), Row(.plane, "EOTF", 0...5, 2, 0),
  ]
}

@Suite("Grey levels on their way to a display")
struct DRMFidelityTests {
  private static let mode: DRMMode = {
    var raw = drmModeModeInfo()
    (raw.hdisplay, raw.vdisplay) = (1024, 768)
    return DRMMode(raw)
  }()

  private func outputs(_ card: ScriptedCard) throws -> [(String, any DRMOutput)] {
    [("legacy", DRMLegacyOutput(port: card, path: ScriptedCard.path, mode: Self.mode))]
      + [("atomic", try #require(DRMAtomicOutput(port: card, path: ScriptedCard.path, mode: Self.mode)))]
  }

  /// Protects: a level that is written is the level that the panel gets, whoever used the display before, on both interfaces.
  @Test("every property that changes them is put right, by either interface", arguments: Row.all)
  private func everyRow(row: Row) throws {
    for index in 0...1 {
      let card = ScriptedCard()
      card.add(row.name, row.form, row.before, to: row.object)
      #expect(card.findings.first?.isMet == false)
      let (path, output) = try outputs(card)[index]
      #expect(output.setMode(showing: 5) == 0)
      #expect(card.value(row.name, of: row.object) == row.after, "\(path)")
      #expect(card.findings.allSatisfy(\.isMet) && card.findings.warnings.isEmpty)
    }
  }

  /// Protects: nobody measures on a display that silently does something else.
  @Test(
    "one that is refused, or taken and not changed, is a warning with its value and what follows", arguments: Row.all)
  private func everyRowRefused(row: Row) throws {
    for index in 0...1 {
      for isRefused in [true, false] {
        let card = ScriptedCard()
        card.add(row.name, row.form, row.before, to: row.object)
        if isRefused { card.refused[row.name] = 22 } else { card.ignored = [row.name] }
        #expect(try outputs(card)[index].1.setMode(showing: 5) == 0)
        let finding = try #require(card.findings.first)
        #expect(!finding.isMet && finding.name == row.name)
        let warnings = card.findings.warnings
        #expect(warnings.count == (finding.consequence == nil ? 0 : 1))
        #expect(warnings.allSatisfy { $0.hasPrefix("\(row.name) is \(finding.found), and the kernel does not take") })
      }
    }
  }

  @Test("the warning of a limited range says how much of the phase is lost")
  func limitedRange() throws {
    let card = ScriptedCard()
    let words: [String: UInt64] = ["Automatic": 0, "Full": 1, "Limited 16:235": 2]
    card.add("Broadcast RGB", .words(words), 2, to: ScriptedCard.connector)
    card.refused = ["Broadcast RGB": 22]
    #expect(try outputs(card)[0].1.setMode(showing: 5) == 0)
    #expect(
      card.findings.warnings == [
        "Broadcast RGB is Limited 16:235, and the kernel does not take Full: levels 0 to 255 are sent as 16 to 235: phases "
          + "reach 86 % of what they should, and 2 pi is not reached"
      ])
    #expect(card.findings.outstanding == "will be set for exact levels: Broadcast RGB Limited 16:235 to Full")
  }

  @Test("one that has no value that would do, or cannot be changed at all, is a warning, too")
  func unattainable() {
    let card = ScriptedCard()
    card.add("dithering mode", .words(["auto": 0, "temporal": 1]), 1, to: ScriptedCard.connector)
    card.add("max bpc", .range(6...6), 6, to: ScriptedCard.connector)
    card.add("brightness", .range(0...255), 128, to: ScriptedCard.connector)
    card.add(
      "Broadcast RGB", .words(["Full": 1, "Limited 16:235": 2]), 2, to: ScriptedCard.connector, isSettable: false)
    card.add(
      "panel orientation", .words(["Normal": 0, "Upside Down": 1]), 1, to: ScriptedCard.connector, isSettable: false)
    let fidelity = DRMFidelity(port: card, objects: ScriptedCard.path.objects)
    #expect(fidelity.changes.isEmpty)
    let warnings = fidelity.findings().warnings
    // Programs tell them apart by a name, where they have one.
    #expect(
      fidelity.findings().effects == [
        DeviceEffect(.dithering, warnings[0]), DeviceEffect(.dithering, warnings[1]),
        DeviceEffect(.limitedRange, warnings[3]),
      ])
    #expect(warnings.count == 4)
    #expect(warnings[0].hasPrefix("dithering mode is temporal, and it has no value that leaves levels as they are: "))
    #expect(warnings[3].hasPrefix("Broadcast RGB is Limited 16:235, and the kernel does not take Full: "))
  }

  @Test("a refused property costs no other, and the mode is set all the same")
  func oneRefusal() throws {
    for index in 0...1 {
      let card = ScriptedCard()
      for (place, row) in Row.all.enumerated() where !Row.all[..<place].contains(where: { $0.name == row.name }) {
        card.add(row.name, row.form, row.before, to: row.object)
      }
      card.refused = ["max bpc": 22, "CTM": 13]
      #expect(try outputs(card)[index].1.setMode(showing: 5) == 0)
      #expect(card.findings.filter { !$0.isMet }.map(\.name).sorted() == ["CTM", "max bpc"])
      if index == 1 { #expect(card.value("FB_ID", of: ScriptedCard.plane) == 5) }
    }
  }

  @Test("the older interface sets the properties after the mode, hides a cursor, and makes a table flat where it must")
  func legacyOrder() throws {
    let card = ScriptedCard()
    card.add("Broadcast RGB", .words(["Full": 1, "Automatic": 0]), 0, to: ScriptedCard.connector)
    let output = try outputs(card)[0].1
    #expect(output.setMode(showing: 5) == 0)
    #expect(card.calls == [.setMode, .hideCursor, .set("Broadcast RGB"), .gamma])
    let table = ScriptedCard()
    table.add("GAMMA_LUT", .blob, 9, to: ScriptedCard.crtc)
    #expect(try outputs(table)[0].1.setMode(showing: 5) == 0)
    #expect(!table.calls.contains(.gamma))
    let stuck = ScriptedCard()
    stuck.add("GAMMA_LUT", .blob, 9, to: ScriptedCard.crtc)
    stuck.refused = ["GAMMA_LUT": 22]
    for index in 0...1 {
      #expect(try outputs(stuck)[index].1.setMode(showing: 5) == 0)
      #expect(stuck.calls.last == .gamma)
    }
    let dead = ScriptedCard()
    dead.refused = ["(setting the mode)": 28]
    #expect(try outputs(dead)[0].1.setMode(showing: 5) == 28)
    #expect(dead.calls == [.setMode])
  }

  @Test("properties that only look alike are left alone")
  func strangers() {
    let card = ScriptedCard()
    for name in ["EDID", "TILE", "audio", "coherent", "vrr_capable", "zpos", "IN_FORMATS", "DPMS", "subconnector"] {
      card.add(name, .range(0...9), 4, to: ScriptedCard.connector)
    }
    card.add("mode", .words(["NTSC-M": 0, "PAL-B": 1]), 1, to: ScriptedCard.connector)
    #expect(DRMFidelity(port: card, objects: ScriptedCard.path.objects).changes.isEmpty && card.findings.isEmpty)
  }

  /// Protects: a property that nobody has heard of does not change patterns without a word.
  @Test("a property of another name that sounds as if it changed patterns is told, unless it says that it does nothing")
  func unknownProcessing() {
    let card = ScriptedCard()
    card.add("SDE_DSPP_PCC_V4", .blob, 7, to: ScriptedCard.crtc)
    card.add("SDE_DSPP_GAMUT_LUT", .blob, 7, to: ScriptedCard.crtc)
    card.add("ACME sharpness boost", .range(0...9), 4, to: ScriptedCard.connector)
    card.add("HDMI colorspace", .words(["rgb": 0, "yuv422": 1]), 1, to: ScriptedCard.connector)
    card.add("tone curve", .words(["soft": 0, "Off": 1]), 1, to: ScriptedCard.connector)
    card.add("noise reduction", .range(0...9), 0, to: ScriptedCard.connector)
    for name in ["COLOR_ENCODING", "backlight brightness", "GAMMA_LUT_SIZE", "trans-key"] {
      card.add(name, .range(0...99), 9, to: ScriptedCard.plane)
    }
    card.add("gamma info", .range(0...9), 4, to: ScriptedCard.connector, isSettable: false)
    let told = card.findings.warnings
    #expect(told.count == 3)
    for name in ["SDE_DSPP_GAMUT_LUT is set", "ACME sharpness boost is 4", "HDMI colorspace is yuv422"] {
      #expect(told.contains { $0.hasPrefix(name) && $0.contains("is left so") }, "\(told)")
    }
    #expect(DRMFidelity(port: card, objects: ScriptedCard.path.objects).changes.isEmpty)
    #expect(card.findings.outstanding == nil)
  }

  @Test("the card's power saving is switched off in its file, or said to be on")
  func powerSaving() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let amdgpu = folder.appendingPathComponent("card0-eDP-1/amdgpu")
    try FileManager.default.createDirectory(at: amdgpu, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = amdgpu.appendingPathComponent("panel_power_savings")
    try "3".write(to: file, atomically: false, encoding: .utf8)
    #expect(PanelPowerSaving.switchOff("card0-eDP-1", in: folder.path).isEmpty)
    #expect(try String(contentsOf: file, encoding: .utf8) == "0")
    #expect(PanelPowerSaving.switchOff("card0-HDMI-A-1", in: folder.path).isEmpty)
  }
}
