import CFramebuffer
import Devices
import Framebuffer
import Glibc
import Testing

@Suite("What a framebuffer says of itself")
struct FramebufferGeometryTests {
  /// 640 × 480 with 16 bits, as `RGB565`, and memory for two pictures.
  private func geometry(
    visual: Int32 = FB_VISUAL_TRUECOLOR, _ change: (inout fb_var_screeninfo) -> Void = { _ in }
  ) -> FramebufferGeometry {
    var variable = fb_var_screeninfo()
    (variable.xres, variable.yres, variable.xres_virtual, variable.yres_virtual) = (640, 480, 640, 960)
    variable.bits_per_pixel = 16
    variable.red = fb_bitfield(offset: 11, length: 5, msb_right: 0)
    variable.green = fb_bitfield(offset: 5, length: 6, msb_right: 0)
    variable.blue = fb_bitfield(offset: 0, length: 5, msb_right: 0)
    var fixed = fb_fix_screeninfo()
    (fixed.line_length, fixed.smem_len, fixed.ypanstep) = (1280, 1280 * 960, 1)
    (fixed.type, fixed.visual) = (UInt32(FB_TYPE_PACKED_PIXELS), UInt32(visual))
    change(&variable)
    return FramebufferGeometry(variable: variable, fixed: fixed)
  }

  @Test("a display that shows another part of its memory and stays there is not used")
  func origin() {
    #expect(geometry().bufferCount(afterMoving: true) == 2)
    #expect(geometry().bufferCount(afterMoving: false) == 1)
    for single in [false, true] {
      let elsewhere = geometry {
        if single { $0.yres_virtual = 480 } else { $0.yoffset = 480 }
        $0.xoffset = 3
      }
      #expect(!elsewhere.isAtOrigin)
      #expect(elsewhere.bufferCount(afterMoving: false) == nil)
      #expect(elsewhere.bufferCount(afterMoving: true) == (single ? 1 : 2))
    }
  }

  @Test("stated timings never make the bound shorter, and those of few scan-outs per second make it longer")
  func bound() {
    #expect(geometry().bound == 66_666_667)
    let fast = geometry { $0.pixclock = 10_000 }
    #expect(abs((fast.statedRate ?? 0) - 1e8 / (640 * 480)) < 1e-6)
    #expect(fast.bound == 66_666_667)
    // Ten scan-outs per second.
    let slow = geometry { $0.pixclock = 325_521 }
    #expect(abs(Double(slow.bound) - 2e8) < 1000)
  }

  @Test("a table of colours has a ramp of its own for each channel's bits, so that equal levels are grey")
  func ramps() {
    let ramps = geometry(visual: FB_VISUAL_DIRECTCOLOR).greyColourMap
    #expect(ramps.map(\.count) == [64, 64, 64])
    for (ramp, bits) in zip(ramps, [5, 6, 5]) {
      let full = 1 << bits - 1
      #expect(ramp[0] == 0 && ramp[full] == 65535)
      for value in 0...full { #expect(Int(ramp[value]) == value * 65535 / full) }
    }
    let indexed = geometry(visual: FB_VISUAL_PSEUDOCOLOR) { $0.bits_per_pixel = 8 }.greyColourMap
    #expect(indexed == [[UInt16]](repeating: (0..<256).map { UInt16($0 * 257) }, count: 3))
  }

  @Test("a safe level that the panel does not have is refused with those that it has")
  func safeLevel() throws {
    let pixels = try #require(geometry().pixels)
    #expect(pixels.greyLevels == 32)
    try FramebufferRequest(["device": "0", "safeLevel": "31"]).requireSafeLevel(on: pixels)
    #expect(
      throws: DeviceError.invalidSetting(
        device: "/dev/fb0", setting: "safeLevel", value: "32", accepted: "a level in 0…31")
    ) { try FramebufferRequest(["device": "0", "safeLevel": "32"]).requireSafeLevel(on: pixels) }
  }
}

@Suite("Nodes of devices")
struct DeviceNodeTests {
  @Test("a group is only advised when its members may do what is needed, and never that of root")
  func group() {
    let both = S_IRGRP | S_IWGRP
    #expect(DeviceNode.group(54_321, mode: 0o660, needing: both) == "54321")
    #expect(DeviceNode.group(54_321, mode: 0o640, needing: both) == nil)
    #expect(DeviceNode.group(54_321, mode: 0o606, needing: both) == nil)
    #expect(DeviceNode.group(54_321, mode: 0o710, needing: S_IXGRP) == "54321")
    #expect(DeviceNode.group(0, mode: 0o660, needing: both) == nil)
  }
}
