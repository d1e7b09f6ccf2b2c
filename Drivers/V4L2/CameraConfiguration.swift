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
    self = try Self.settings.read(settings, device: settings["device"] ?? "V4L2 camera")
    try validate(settings)
  }

  /// Frame rates that are none by mistake, in 1/s.
  static let frameRates = 1e-3...1e5

  package static let settings = Settings(CameraConfiguration(device: "")) {
    Setting(
      required: "device", \.device, .text("a path such as /dev/odu/camera-… or /dev/v4l/by-id/…"),
      "the camera's node, best a link that follows the camera, such as `/dev/odu/camera-…`")
    Setting("format", \.format, .choice, "pixel format; without it the deepest grey one that states its depth")
    Setting("width", \.width, .integer(1...65535), "pixels in a row, with `height`; without both, as below")
    Setting("height", \.height, .integer(1...65535), "pixels in a column")
    Setting(
      "x", \.x, .integer(0...65535),
      "left column of the region of the sensor, with `y`, `width` and `height`; without it the whole sensor")
    Setting("y", \.y, .integer(0...65535), "top row of the region")
    Setting(
      "bits", \.bits, .integer(8...16),
      "bits used by the sensor in `Y16`, `Y16_BE` and 16-bit mosaics, which do not say so; required with them")
    Setting("justified", \.justified, .choice, "the end of a 16-bit word at which they lie")
    Setting(
      "lumaRange", \.lumaRange, .choice,
      "range of an uncompressed luma: 0 … 255, or 16 … 235; without it as the driver says")
    Setting(
      "frameRate", \.frameRate, .number(frameRates, "frames per second, written without the unit", unit: "1/s"),
      "the camera takes the nearest it supports; without it the one in force")
    Setting(
      "exposure", \.exposure, .seconds(1e-7...3600),
      "at most a frame of `frameRate`; if the camera cannot set it, its actual value; without it the one in force")
    Setting(
      "exposureUnit", \.exposureUnit, .seconds(1e-9...1),
      "unit of the camera's exposure control, otherwise 1e-4; see below")
    Setting(
      "gain", \.gain, .number(1e-3...1e3, "(1 is the camera's standard)"),
      "1, which holds without it, is the standard value of the camera's control")
    Setting(
      "gainUnit", \.gainUnit, .integer(1...Int(Int32.max)),
      "value of the gain control that counts as 1; without it the standard value")
    Setting(
      "linearGamma", \.linearGamma, .integer(Int(Int32.min)...Int(Int32.max)),
      "value of the camera's gamma control at which pixels are proportional to light; without it 100 for UVC cameras")
    Setting("buffers", \.buffers, .integer(2...32), "frames that the kernel holds")
    Setting("timestamp", \.timestamp, .choice, "what the timestamp of a frame marks; see below")
    Setting(
      "readout", \.readout, .seconds(0...3600),
      "from the end of an exposure to the timestamp, at most; without it a frame period")
  }

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
