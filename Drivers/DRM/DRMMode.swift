import CDRM
import Devices

/// A mode as the setting `mode` asks for it: `1024x768` or `1024x768@60`.
package struct DRMModeRequest: Sendable, Equatable {
  package var width: Int
  package var height: Int
  /// Frames per second; nil for any.
  package var rate: Double?

  package init(width: Int, height: Int, rate: Double? = nil) {
    self.width = width
    self.height = height
    self.rate = rate
  }

  /// - Returns: nil when the text is not a mode.
  package init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let size = parts[0].split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard parts.count <= 2, size.count == 2, size.allSatisfy({ (1...65535).contains($0) }) else { return nil }
    self.init(width: size[0], height: size[1])
    guard parts.count == 2 else { return }
    guard let rate = Double(parts[1]), rate > 0, rate.isFinite else { return nil }
    self.rate = rate
  }
}

/// A mode that a connector offers.
package struct DRMMode: Sendable {
  package let raw: drmModeModeInfo

  package init(_ raw: drmModeModeInfo) { self.raw = raw }

  package var width: Int { Int(raw.hdisplay) }
  package var height: Int { Int(raw.vdisplay) }
  package var isPreferred: Bool { raw.type & UInt32(DRM_MODE_TYPE_PREFERRED) != 0 }
  /// Whether each scan-out brings only every other line, which is no use to a modulator.
  package var isInterlaced: Bool { raw.flags & UInt32(DRM_MODE_FLAG_INTERLACE) != 0 }

  /// Scan-outs per second: the pixel clock over the pixels of a scan-out, blanking included.
  package var rate: Double {
    var lines = Double(raw.vtotal)
    if raw.flags & UInt32(DRM_MODE_FLAG_DBLSCAN) != 0 { lines *= 2 }
    if raw.vscan > 1 { lines *= Double(raw.vscan) }
    let pixels = lines * Double(raw.htotal)
    return pixels > 0 && raw.clock > 0 ? Double(raw.clock) * 1e3 / pixels : Double(max(raw.vrefresh, 1))
  }

  /// As the setting `mode` takes it.
  package var text: String {
    let hundredths = Int((rate * 100).rounded())
    let (whole, fraction) = (hundredths / 100, hundredths % 100)
    return "\(width)x\(height)@\(whole)" + (fraction == 0 ? "" : fraction < 10 ? ".0\(fraction)" : ".\(fraction)")
  }
}

extension [DRMMode] {
  /// The mode that is asked for; without a request the one that the panel prefers, its own resolution as a rule.
  /// A rate is met to half a frame per second.
  package func chosen(by request: DRMModeRequest?) -> DRMMode? {
    let usable = filter { !$0.isInterlaced && $0.width > 0 && $0.height > 0 }
    guard let request else { return usable.first(where: \.isPreferred) ?? usable.first }
    let sized = usable.filter { $0.width == request.width && $0.height == request.height }
    guard let rate = request.rate else { return sized.first(where: \.isPreferred) ?? sized.first }
    return sized.filter { abs($0.rate - rate) <= 0.5 }.min { abs($0.rate - rate) < abs($1.rate - rate) }
  }
}
