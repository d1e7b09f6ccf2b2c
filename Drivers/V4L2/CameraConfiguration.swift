import Devices

/// The settings of a V4L2 camera as the bench file gives them.
package struct CameraConfiguration: Sendable {
  /// Resolved at each opening, so it may be a link that follows the camera.
  package var device: String
  /// nil: the deepest grey format that there is.
  package var format: PixelFormat?
  package var width: Int?
  package var height: Int?
  /// Top-left pixel of the region of the sensor; with a width and a height.
  package var x: Int?
  package var y: Int?
  package var bits: Int?
  package var justified = Unpacker.Justification.right
  /// Whether a luma goes from 0 to 255 or from 16 to 235; nil: as the driver says.
  package var lumaRange: LumaRange?
  /// Frames per second.
  package var frameRate: Double?
  /// Seconds.
  package var exposure: Double?
  /// Seconds of one unit of the exposure control.
  package var exposureUnit: Double?
  package var gain: Double?
  /// The value of the gain control that counts as 1.
  package var gainUnit: Int?
  /// The value of the gamma control at which values are proportional to light.
  package var linearGamma: Int?
  package var buffers = 4
  package var timestamp = TimestampReading.auto
  /// Seconds from the end of the exposure to the timestamp, at most.
  package var readout: Double?

  package init(device: String) { self.device = device }

  /// - Throws: ``DeviceError/invalidSetting(device:setting:value:accepted:)``.
  package init(_ settings: Driver.Settings) throws {
    let name = settings["device"] ?? "V4L2 camera"
    let reader = try SettingsReader(settings, device: name, keys: Self.keys)
    device = try reader.required("device", as: "a path such as /dev/odu/camera-… or /dev/v4l/by-id/…")
    format = try reader.choice("format")
    width = try reader.integer("width", 1...65535)
    height = try reader.integer("height", 1...65535)
    x = try reader.integer("x", 0...65535)
    y = try reader.integer("y", 0...65535)
    bits = try reader.integer("bits", 8...16)
    justified = try reader.choice("justified") ?? .right
    lumaRange = try reader.choice("lumaRange")
    frameRate = try reader.number("frameRate", Self.frameRates, unit: "frames per second, written without the unit")
    exposure = try reader.number("exposure", 1e-7...3600, unit: "seconds, written without the unit")
    exposureUnit = try reader.number("exposureUnit", 1e-9...1, unit: "seconds, written without the unit")
    gain = try reader.number("gain", 1e-3...1e3, unit: "(1 is the camera's standard)")
    gainUnit = try reader.integer("gainUnit", 1...Int(Int32.max))
    linearGamma = try reader.integer("linearGamma", Int(Int32.min)...Int(Int32.max))
    buffers = try reader.integer("buffers", 2...32) ?? 4
    timestamp = try reader.choice("timestamp") ?? .auto
    readout = try reader.number("readout", 0...3600, unit: "seconds, written without the unit")
    try validate(settings)
  }

  /// Frame rates that are none by mistake, in 1/s.
  static let frameRates = 1e-3...1e5

  private static let keys = [
    "device", "format", "width", "height", "x", "y", "bits", "justified", "lumaRange", "frameRate", "exposure",
    "exposureUnit", "gain", "gainUnit", "linearGamma", "buffers", "timestamp", "readout",
  ]

  private func validate(_ settings: Driver.Settings) throws {
    func refuse(_ setting: String, _ accepted: String) -> DeviceError {
      .invalidSetting(device: device, setting: setting, value: settings[setting] ?? "(none)", accepted: accepted)
    }
    if (width == nil) != (height == nil) { throw refuse(width == nil ? "width" : "height", "both sides or neither") }
    if (x == nil) != (y == nil) { throw refuse(x == nil ? "x" : "y", "both coordinates of the corner or neither") }
    if x != nil, width == nil { throw refuse("width", "the size of the region that x and y begin") }
    if let bits, let format, !format.bits.contains(bits) {
      throw refuse("bits", "\(format.bits.lowerBound), or leave it out: \(format.rawValue) says so itself")
    }
    if let exposure, let frameRate, exposure > 1.001 / frameRate {
      throw refuse(
        "exposure",
        "at most \(1 / frameRate) s, the time of a frame at \(frameRate) frames per second, or a lower frameRate; "
          + "exposures are in seconds")
    }
    if bits == nil, let format, !format.tellsDepth { throw refuse("bits", format.neededDepth) }
    if justified == .left, let format, !format.canBeLeftJustified {
      throw refuse("justified", "right, or leave it out: only words of 16 bits such as Y16 can be left-justified")
    }
    if lumaRange != nil, let format, format.content != .luma || format.packing == .picture {
      throw refuse(
        "lumaRange", "nothing: only formats of colours without compression such as YUYV have a range of luma")
    }
  }

  package enum LumaRange: String, CaseIterable, Sendable { case full, limited }
}
