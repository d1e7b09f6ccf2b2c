import CDRM
import DRM
import Devices
import Foundation
import Testing

@Suite("DRM panels")
struct DRMTests {
  private static func mode(
    _ width: Int, _ height: Int, clock: Int, total: (Int, Int), flags: Int32 = 0, preferred: Bool = false
  ) -> DRMMode {
    var raw = drmModeModeInfo()
    (raw.hdisplay, raw.vdisplay) = (UInt16(width), UInt16(height))
    (raw.htotal, raw.vtotal) = (UInt16(total.0), UInt16(total.1))
    (raw.clock, raw.flags) = (UInt32(clock), UInt32(flags))
    raw.type = preferred ? UInt32(DRM_MODE_TYPE_PREFERRED) : 0
    return DRMMode(raw)
  }

  /// Timings as VESA and CEA-861 state them.
  private static let modes = [
    mode(1920, 1080, clock: 74250, total: (2200, 1125), flags: Int32(DRM_MODE_FLAG_INTERLACE), preferred: true),
    mode(1024, 768, clock: 65000, total: (1344, 806)),
    mode(1024, 768, clock: 78750, total: (1312, 800)),
    mode(1920, 1080, clock: 148500, total: (2200, 1125), preferred: true),
    mode(1920, 1080, clock: 148352, total: (2200, 1125)),
  ]

  @Test("the rate is that of the standard")
  func rates() {
    let rates = Self.modes.map { ($0.rate * 100).rounded() / 100 }
    #expect(rates == [30, 60, 75.03, 60, 59.94])
    #expect(Self.modes.map(\.text)[1...] == ["1024x768@60", "1024x768@75.03", "1920x1080@60", "1920x1080@59.94"])
  }

  @Test("a mode is read from text, and nothing else is taken for one")
  func parsing() {
    #expect(DRMModeRequest("1024x768") == DRMModeRequest(width: 1024, height: 768))
    #expect(DRMModeRequest("1920x1080@59.94") == DRMModeRequest(width: 1920, height: 1080, rate: 59.94))
    for text in [
      "", "1024", "x", "1024x", "1024x768@", "1024x768@0", "1024x768@-60", "1024x768@nan", "0x768", "1024x768x2",
      "a x b", "1024x99999", "1024x768@60@60", "@60", "1024x768@inf",
    ] { #expect(DRMModeRequest(text) == nil, "\(text)") }
  }

  @Test(
    "the mode asked for is chosen, without a request the panel's own, never an interlaced one",
    arguments: [
      (nil, 3), ("1024x768", 1), ("1024x768@75", 2), ("1920x1080", 3), ("1920x1080@59.94", 4), ("1920x1080@60.2", 3),
      ("1920x1080@30", nil), ("1280x1024", nil), ("1024x768@70", nil),
    ] as [(String?, Int?)])
  func choosing(text: String?, expected: Int?) {
    let chosen = Self.modes.chosen(by: text.flatMap { DRMModeRequest($0) })
    #expect(chosen?.text == expected.map { Self.modes[$0].text })
    #expect(chosen?.isInterlaced != true)
  }

  private let entries = [
    DRMConnectorEntry(card: 0, name: "HDMI-A-1", status: "connected"),
    DRMConnectorEntry(card: 0, name: "DP-1", status: "disconnected"),
    DRMConnectorEntry(card: 1, name: "HDMI-A-1", status: "connected"),
    DRMConnectorEntry(card: 1, name: "eDP-1", status: "connected"),
  ]

  @Test("a connector is found by its name, by its card and name, or as the only one of a card")
  func connectors() throws {
    #expect(try entries.chosen(by: "eDP-1", card: nil, label: "").fullName == "card1-eDP-1")
    #expect(try entries.chosen(by: "card1-HDMI-A-1", card: nil, label: "").card == 1)
    #expect(try entries.chosen(by: "HDMI-A-1", card: 1, label: "").card == 1)
    #expect(try entries.chosen(by: nil, card: 0, label: "").name == "HDMI-A-1")
  }

  @Test("what is not there or not the only one is refused with all that there is")
  func refusals() {
    func message(_ device: String?, _ card: Int?) -> String {
      do { return try "\(entries.chosen(by: device, card: card, label: "slm"))" } catch { return "\(error)" }
    }
    #expect(message("HDMI-A-1", nil).contains("one of card0-HDMI-A-1, card1-HDMI-A-1"))
    #expect(message("HDMI-A-7", nil).contains("card0-DP-1 (disconnected)"))
    #expect(message("card0-eDP-1", nil).contains("card1-eDP-1 (connected)"))
    #expect(message(nil, 1).contains("card1-HDMI-A-1, card1-eDP-1"))
    #expect(message(nil, 5).contains("none of its kind is here"))
  }

  @Test("the kernel's list of connectors is read, without those that lead into memory")
  func listing() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, status, modes) in [
      ("card1-HDMI-A-2", "connected\n", "1920x1080\n1920x1080\n800x600\n"), ("card0-VGA-1", "disconnected\n", ""),
      ("card1-Writeback-1", "unknown\n", ""),
    ] {
      let entry = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: entry, withIntermediateDirectories: true)
      try Data(status.utf8).write(to: entry.appendingPathComponent("status"))
      try Data(modes.utf8).write(to: entry.appendingPathComponent("modes"))
    }
    for other in ["card0", "renderD128", "version", "card-x", "cardx-1"] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(other), withIntermediateDirectories: true)
    }
    #expect(
      DRMConnectorEntry.all(in: folder.path) == [
        DRMConnectorEntry(card: 0, name: "VGA-1", status: "disconnected"),
        DRMConnectorEntry(card: 1, name: "HDMI-A-2", status: "connected", sizes: ["1920x1080", "800x600"]),
      ])
  }

  @Test("a connector gets the CRTC that feeds it, else an idle one, else any, and never one that is leased")
  func crtcs() {
    func choice(possible: UInt32, current: UInt32?, others: Set<UInt32>, leased: Set<UInt32> = []) -> UInt32? {
      DRMRoute.choice(among: [40, 50, 60], possible: possible, current: current, others: others, leased: leased)
    }
    #expect(choice(possible: 0b111, current: 50, others: []) == 50)
    #expect(choice(possible: 0b111, current: nil, others: [40]) == 50)
    #expect(choice(possible: 0b111, current: 40, others: [40]) == 50)
    #expect(choice(possible: 0b001, current: 40, others: [40]) == 40)
    #expect(choice(possible: 0b101, current: 50, others: [40]) == 60)
    #expect(choice(possible: 0b011, current: nil, others: [40], leased: [40]) == 50)
    #expect(choice(possible: 0b001, current: 40, others: [], leased: [40]) == nil)
    #expect(choice(possible: 0, current: nil, others: []) == nil)
  }

  /// An event as the kernel writes it: type and length, then tag, seconds, microseconds, sequence and CRTC.
  private func event(type: UInt32, tag: UInt64, seconds: UInt32, microseconds: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    func append<Value: FixedWidthInteger>(_ value: Value) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    append(type)
    append(UInt32(32))
    append(tag)
    for value in [seconds, microseconds, 77, 40] as [UInt32] { append(value) }
    return bytes
  }

  @Test("flips are read from a stream of events, and a stream that is cut off or broken ends there")
  func events() {
    let vertical = event(type: 1, tag: 5, seconds: 1, microseconds: 1)
    let flip = event(type: 2, tag: 6, seconds: 12, microseconds: 345_678)
    let expected = DRMFlipEvent(tag: 6, time: 12_345_678_999)
    func read(_ bytes: [UInt8]) -> [DRMFlipEvent] { bytes.withUnsafeBytes { DRMFlipEvent.all(in: $0) } }
    #expect(read(vertical + flip) == [expected])
    #expect(read(flip + flip + flip.dropLast()) == [expected, expected])
    #expect(read([2, 0, 0, 0, 0, 0, 0, 0] + flip) == [])
    #expect(read([2, 0, 0, 0, 8, 0, 0, 0] + flip) == [expected])
    #expect(read([]) == [])
  }

  @Test("the master of a card is read from the kernel's table")
  func master() {
    let table = """
                   command  tgid dev master a   uid      magic
            systemd-logind   588   0   n    y     0          0
              Xorg :0 main  1042   0   y    y  1000          3
                   ffmpeg   2000 128   n    n  1000          0
      """
    #expect(DRMHolder.master(in: table) == 1042)
    #expect(DRMHolder.master(in: "command tgid dev master\nx 1 0 n") == nil)
    #expect(DRMHolder.master(in: "y\ny y y y") == nil)
    #expect(DRMHolder.master(in: "") == nil)
  }

  @Test(
    "settings that cannot be are refused before anything is opened",
    arguments: [
      ([:], "give a connector"), (["device": ""], "give a connector"),
      (["device": "HDMI-A-1", "colour": "red"], "atomic, card, device, mode"),
      (["device": "HDMI-A-1", "mode": "big"], "1024x768@60"),
      (["device": "HDMI-A-1", "atomic": "no"], "true or false"), (["device": "HDMI-A-1", "safeLevel": "256"], "0…255"),
      (["device": "/dev/dri/card0", "card": "/dev/dri/card0"], "or no card"),
      (["device": "/dev/null"], "not a graphics card"), (["device": "/"], "a folder, not a graphics card"),
      (["device": "NO-SUCH-1"], "there is no such device"), (["device": "/dev/dri/card999"], "there is no such device"),
    ] as [(Driver.Settings, String)])
  func settings(settings: Driver.Settings, text: String) async {
    let error = await #expect(throws: DeviceError.self) { _ = try await Driver.drm.modulator?(settings) }
    #expect(error?.description.contains(text) == true, "\(String(describing: error))")
  }
}
