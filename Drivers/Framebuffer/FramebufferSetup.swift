import CFramebuffer
import Devices
import Glibc

/// Puts a framebuffer into the mode that is asked for.
enum FramebufferSetup {
  /// Sets what the request asks for, with a second page to show from where there is room, and checks what was really
  /// set. What cannot be had leaves the device as it was.
  /// - Throws: ``DeviceError``.
  static func apply(_ request: FramebufferRequest, to descriptor: Int32) throws -> FramebufferGeometry {
    let device = request.device
    guard let before = FramebufferGeometry(descriptor) else {
      throw DeviceError.failed(device: device, operation: "asking for the mode", reason: errorText(errno))
    }
    let width = request.width ?? before.width
    let height = request.height ?? before.height
    let bits = request.bits ?? before.bits
    func fits(_ geometry: FramebufferGeometry) -> Bool {
      (geometry.width, geometry.height, geometry.bits) == (width, height, bits)
    }
    if fits(before), before.pages > 1 { return before }
    var wanted = before.variable
    (wanted.xres, wanted.yres) = (UInt32(width), UInt32(height))
    (wanted.xres_virtual, wanted.xoffset, wanted.yoffset) = (UInt32(width), 0, 0)
    if bits != before.bits { (wanted.bits_per_pixel, wanted.grayscale) = (UInt32(bits), 0) }
    for pages in [2, 1] {
      if pages == 1, fits(before) { break }
      wanted.yres_virtual = UInt32(pages * height)
      if let geometry = set(wanted, on: descriptor), fits(geometry) { return geometry }
    }
    // A page more was not to be had, or the kernel set something else.
    let now = set(before.variable, on: descriptor) ?? before
    guard fits(now) else {
      throw DeviceError.unsupported(
        device: device, what: "\(width) × \(height) with \(bits) bits", supported: [before.text])
    }
    return now
  }

  private static func set(_ variable: fb_var_screeninfo, on descriptor: Int32) -> FramebufferGeometry? {
    var variable = variable
    variable.activate = UInt32(FB_ACTIVATE_NOW)
    guard ioctl(descriptor, UInt(FBIOPUT_VSCREENINFO), &variable) == 0 else { return nil }
    return FramebufferGeometry(descriptor)
  }

  /// Makes each level its own grey.
  static func setIdentityColourMap(of geometry: FramebufferGeometry, _ descriptor: Int32, device: String) throws {
    var entries = geometry.greyColourMap.flatMap { $0 }
    let count = entries.count / 3
    let result = entries.withUnsafeMutableBufferPointer { entries -> Int32 in
      var map = fb_cmap()
      map.len = UInt32(count)
      map.red = entries.baseAddress
      map.green = entries.baseAddress.map { $0 + count }
      map.blue = entries.baseAddress.map { $0 + 2 * count }
      return ioctl(descriptor, UInt(FBIOPUTCMAP), &map)
    }
    guard result == 0 else {
      throw DeviceError.failed(device: device, operation: "making the colour map grey", reason: errorText(errno))
    }
  }
}
