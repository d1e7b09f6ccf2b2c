import CFramebuffer
import Devices
import Glibc

/// What a framebuffer is set to.
package struct FramebufferGeometry {
  /// The lowest number of scan-outs per second that is usual.
  static let lowestRate = 30.0

  let variable: fb_var_screeninfo
  let fixed: fb_fix_screeninfo

  package init(variable: fb_var_screeninfo, fixed: fb_fix_screeninfo) {
    self.variable = variable
    self.fixed = fixed
  }

  /// Asks the kernel; nil with `errno` when it does not answer.
  init?(_ descriptor: Int32) {
    var variable = fb_var_screeninfo()
    var fixed = fb_fix_screeninfo()
    guard ioctl(descriptor, UInt(FBIOGET_VSCREENINFO), &variable) == 0,
      ioctl(descriptor, UInt(FBIOGET_FSCREENINFO), &fixed) == 0
    else { return nil }
    self.init(variable: variable, fixed: fixed)
  }

  var width: Int { Int(variable.xres) }
  var height: Int { Int(variable.yres) }
  var bits: Int { Int(variable.bits_per_pixel) }
  var stride: Int { Int(fixed.line_length) }
  var name: String { withUnsafeBytes(of: fixed.id) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } }
  var text: String { "\(width) × \(height) with \(bits) bits" }
  /// Bytes from the start of the mapping to the first pixel: a mapping begins with a whole page.
  var mappingOffset: Int { Int(fixed.smem_start % UInt(max(1, sysconf(Int32(_SC_PAGESIZE))))) }

  /// Pictures that fit into the memory one below the other, between which the display can move.
  var pages: Int {
    guard fixed.ypanstep > 0, variable.yres % UInt32(fixed.ypanstep) == 0, height > 0, stride > 0 else { return 1 }
    let pages = min(Int(variable.yres_virtual) / height, Int(fixed.smem_len) / (stride * height))
    return max(1, min(pages, 3))
  }

  /// Whether the display shows the beginning of the memory.
  package var isAtOrigin: Bool { variable.xoffset == 0 && variable.yoffset == 0 }

  /// Pictures that can be shown in turn; nil when the display shows something else than the beginning of the memory.
  /// - Parameter moved: whether it let itself be moved there.
  package func bufferCount(afterMoving moved: Bool) -> Int? { moved ? pages : isAtOrigin ? 1 : nil }

  /// How long a pattern may take to reach the panel where no vertical blank tells: a scan-out that has begun before, and
  /// one that brings it; in nanoseconds. Timings that state many scan-outs per second may be those of no real panel.
  package var bound: UInt64 { nanoseconds(2 / min(statedRate ?? Self.lowestRate, Self.lowestRate)) }

  /// Scan-outs per second as the timings state them; nil when they state none.
  package var statedRate: Double? {
    let columns =
      Double(variable.xres) + Double(variable.left_margin) + Double(variable.right_margin)
      + Double(variable.hsync_len)
    let lines =
      Double(variable.yres) + Double(variable.upper_margin) + Double(variable.lower_margin)
      + Double(variable.vsync_len)
    let seconds = Double(variable.pixclock) * 1e-12 * columns * lines
    return seconds > 0 && (1...10_000).contains(1 / seconds) ? 1 / seconds : nil
  }

  /// Whether levels pass through a table of colours.
  var hasColourMap: Bool { [FB_VISUAL_PSEUDOCOLOR, FB_VISUAL_DIRECTCOLOR].contains(Int32(fixed.visual)) }

  /// What the table holds for red, green and blue so that each level is its own grey: a ramp as long as the bits of that
  /// colour can count, full from there on.
  package var greyColourMap: [[UInt16]] {
    let isIndexed = Int32(fixed.visual) == FB_VISUAL_PSEUDOCOLOR
    let lengths = [variable.red, variable.green, variable.blue].map { isIndexed ? 8 : min(max(Int($0.length), 1), 16) }
    let count = 1 << (lengths.max() ?? 8)
    return lengths.map { length in
      let full = 1 << length - 1
      return (0..<count).map { UInt16(min($0, full) * 65535 / full) }
    }
  }

  /// How grey levels become pixels; nil for layouts that this driver does not know.
  package var pixels: PanelPixels? {
    guard Int32(fixed.type) == FB_TYPE_PACKED_PIXELS, variable.grayscale <= 1, width > 0, height > 0,
      stride * height <= Int(fixed.smem_len)
    else { return nil }
    let pixels: PanelPixels?
    switch Int32(fixed.visual) {
    case FB_VISUAL_PSEUDOCOLOR: pixels = bits == 8 ? .grey8 : nil
    case _ where variable.grayscale == 1: pixels = bits == 8 ? .grey8 : nil
    case FB_VISUAL_TRUECOLOR, FB_VISUAL_DIRECTCOLOR:
      func channel(_ field: fb_bitfield) -> PanelPixels.Channel {
        PanelPixels.Channel(offset: Int(field.offset), length: Int(field.length))
      }
      let mirrored = [variable.red, variable.green, variable.blue].contains { $0.msb_right != 0 }
      pixels =
        mirrored
        ? nil
        : PanelPixels(
          bitsPerPixel: bits, red: channel(variable.red), green: channel(variable.green), blue: channel(variable.blue),
          alpha: channel(variable.transp))
    default: pixels = nil
    }
    return pixels.flatMap { $0.rowBytes(width: width) <= stride ? $0 : nil }
  }
}
