import Devices
import Framebuffer
import Testing

@Suite("Framebuffers")
struct FramebufferTests {
  private let entries = FramebufferEntry.all(in: "0 bochs-drmdrmfb\n1 Virtual FB\n2 VESA VGA\n10 VESA VGA\nrubbish\n")

  @Test("the kernel's list is read")
  func listing() {
    #expect(entries.map(\.number) == [0, 1, 2, 10])
    #expect(entries.map(\.warnings.count) == [1, 0, 0, 0])
    #expect(entries.map(\.name) == ["bochs-drmdrmfb", "Virtual FB", "VESA VGA", "VESA VGA"])
    #expect(FramebufferEntry.all(in: "") == [])
  }

  @Test("a name leads to the node that has it now, and one that is not the only one is refused")
  func names() throws {
    #expect(try entries.path(of: "Virtual FB") == "/dev/fb1")
    #expect(try entries.path(of: "/dev/odu/slm-1") == "/dev/odu/slm-1")
    #expect(throws: DeviceError.absent(device: "vkms", present: entries.map(\.summary))) {
      try entries.path(of: "vkms")
    }
    #expect(throws: DeviceError.self) { try entries.path(of: "VESA VGA") }
  }

  @Test(
    "a wait that is no wait for the vertical blank is not trusted",
    arguments: [
      ([Double](repeating: 4e-6, count: 8), nil), ([Double](repeating: 0.0166, count: 7), nil),
      ([Double](repeating: 0.0166, count: 8), 0.0166), ([Double](repeating: 0.1, count: 8), nil), ([], nil),
      ([0.0166, 0.0167, 0.0166, 0.0163, 0.0169, 0.0166, 0.0166, 0.012], 0.0166),
      ([0.0166, 0.0166, 0.0166, 0.0166, 0.0166, 0.0166, 0.0166, 0.001], nil),
      ([0.0166, 0.0166, 0.0166, 0.0166, 0.0166, 0.0166, 0.0166, 0.06], nil),
      ([Double](repeating: 1.0 / 1440, count: 8), nil), ([Double](repeating: .nan, count: 8), nil),
    ] as [([Double], Double?)])
  func trial(intervals: [Double], period: Double?) {
    #expect(VerticalBlankTrial.period(of: intervals) == period)
  }

  @Test("a wait that returns at once is never proof, whatever came before")
  func suspicion() {
    let period = 1.0 / 60
    #expect(VerticalBlankTrial.isSuspicious(5e-6, period: period) && !VerticalBlankTrial.isProof(5e-6, period: period))
    #expect(!VerticalBlankTrial.isSuspicious(period / 2, period: period))
    #expect(VerticalBlankTrial.isProof(period, period: period))
  }

  @Test(
    "settings that cannot be are refused before anything is opened",
    arguments: [
      ([:], "give a path"), (["device": "0", "bits": "12"], "8, 16, 24 or 32"),
      (["device": "0", "width": "-1"], "1…16384"), (["device": "0", "mode": "1x1"], "bits, device, height"),
      (["device": "/dev/null"], "not a framebuffer"), (["device": "999"], "there is no such device"),
      (["device": "no such name"], "there is no such device"),
    ] as [(Driver.Settings, String)])
  func settings(settings: Driver.Settings, text: String) async {
    let error = await #expect(throws: DeviceError.self) { _ = try await Driver.framebuffer.modulator?(settings) }
    #expect(error?.description.contains(text) == true, "\(String(describing: error))")
  }
}
