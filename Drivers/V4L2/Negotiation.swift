import CV4L
import Devices
import Glibc

/// Agrees with a camera on format, size and region.
package struct Negotiation {
  package let port: any CapturePort
  package let configuration: CameraConfiguration
  /// What messages call the camera.
  package let name: String

  package init(port: any CapturePort, configuration: CameraConfiguration, name: String) {
    self.port = port
    self.configuration = configuration
    self.name = name
  }

  /// What the camera is set to from now on.
  ///
  /// - Throws: ``DeviceError/unsupported(device:what:supported:)`` with what there is, and `PortError`.
  package func run() throws -> (layout: ImageLayout, unpacker: Unpacker) {
    let format = try chosenFormat()
    let whole = region == nil ? resetRegion() : nil
    if let region { try set(region) }
    let size = try chosenSize(format, whole: whole)
    var layout = try port.setLayout(fourCC: format.fourCC, width: size.width, height: size.height)
    if let region, try port.region(.inForce) != region {
      // The size of the frames may have to be there before a region can be cut out.
      try set(region)
      layout = try port.layout()
      try verify(region)
    }
    try verify(layout, format, size)
    let isLuma = format.content == .luma && format.packing != .picture
    let unpacker = Unpacker(
      format: format, width: layout.width, height: layout.height, bytesPerLine: layout.bytesPerLine,
      bits: configuration.bits ?? format.bits.upperBound, justified: configuration.justified,
      isLimited: isLuma && (configuration.lumaRange.map { $0 == .limited } ?? layout.isLimited))
    return (layout, unpacker)
  }

  // MARK: - Format

  private func chosenFormat() throws -> PixelFormat {
    let codes = try port.pixelFormats()
    if codes.isEmpty {
      throw DeviceError.disconnected(
        device: name, reason: "it offers no format at all; a loopback does while no program writes to it")
    }
    let known = PixelFormat.allCases.filter { codes.contains($0.fourCC) }
    func refusal(_ what: String) -> DeviceError {
      .unsupported(device: name, what: what, supported: known.isEmpty ? codes.map(fourCCName) : known.map(\.rawValue))
    }
    if let format = configuration.format {
      guard known.contains(format) else { throw refusal("the format \(format.rawValue)") }
      try requireDepth(of: format)
      return format
    }
    let grey = known.filter(\.isGrey)
    // A format that does not tell its depth is only taken when the bench file does.
    guard
      let deepest = grey.first(where: { $0.tellsDepth || configuration.bits.map($0.bits.contains) ?? false })
        ?? grey.first
    else {
      throw refusal("a camera without a grey format, unless the setting format names another,")
    }
    try requireDepth(of: deepest)
    if let bits = configuration.bits, !deepest.bits.contains(bits) {
      throw DeviceError.invalidSetting(
        device: name, setting: "bits", value: "\(bits)",
        accepted: "\(deepest.bits.upperBound) for \(deepest.rawValue), or name another format")
    }
    if configuration.justified == .left, !deepest.canBeLeftJustified {
      throw DeviceError.invalidSetting(
        device: name, setting: "justified", value: "left",
        accepted:
          "right for \(deepest.rawValue), or leave it out: only words of 16 bits such as Y16 can be left-justified")
    }
    return deepest
  }

  private func requireDepth(of format: PixelFormat) throws {
    guard !format.tellsDepth, configuration.bits == nil else { return }
    throw DeviceError.invalidSetting(
      device: name, setting: "bits", value: "(none)", accepted: format.neededDepth)
  }

  /// What follows from the format, one sentence each.
  func warnings(_ unpacker: Unpacker) -> [String] {
    let format = unpacker.format
    switch format.content {
    case .grey:
      let deeper = ((try? port.pixelFormats()) ?? []).compactMap(PixelFormat.init(fourCC:)).first {
        $0.isGrey && !$0.tellsDepth
      }
      guard let deeper, configuration.format == nil, format.tellsDepth else { return [] }
      return [
        "\(deeper.rawValue) may have more bits than \(format.rawValue), which was taken because it tells its depth; to have it, "
          + "give format: \(deeper.rawValue) and bits"
      ]
    case .mosaic:
      return ["\(format.rawValue): neighbouring pixels lie behind filters of other colours and differ in sensitivity"]
    case .luma:
      let range = unpacker.isLimited ? "16 to 235 are taken for 0 to 255" : "0 to 255 are taken as they are"
      return [
        "\(format.rawValue): values were computed from colours, and are proportional to light only if the camera applies no "
          + "gamma; \(range)" + (format.packing == .picture ? "" : " (lumaRange)")
      ]
    }
  }

  // MARK: - Size

  /// The one asked for; else the largest of a list, that of the whole sensor, or the one in force.
  private func chosenSize(_ format: PixelFormat, whole: SensorRegion?) throws -> (width: Int, height: Int) {
    if let width = configuration.width, let height = configuration.height { return (width, height) }
    var largest: (width: Int, height: Int)?
    for case .discrete(let width, let height) in try port.sizes(of: format.fourCC)
    where Self.sides.contains(width) && Self.sides.contains(height) {
      if width * height > (largest.map { $0.width * $0.height } ?? 0) { largest = (width, height) }
    }
    if let largest { return largest }
    if let whole { return (whole.width, whole.height) }
    let layout = try port.layout()
    return (layout.width, layout.height)
  }

  private func verify(_ layout: ImageLayout, _ format: PixelFormat, _ size: (width: Int, height: Int)) throws {
    let asked = "\(size.width)×\(size.height) in \(format.rawValue)"
    guard layout.fourCC == format.fourCC, layout.width == size.width, layout.height == size.height else {
      let offered = (try? port.sizes(of: format.fourCC))?.map(\.description) ?? []
      let made = "\(layout.width)×\(layout.height) in \(fourCCName(layout.fourCC)), which the camera offers instead"
      throw DeviceError.unsupported(device: name, what: asked, supported: offered + [made])
    }
    guard layout.progressive else {
      throw DeviceError.unsupported(device: name, what: "\(asked) interlaced", supported: ["progressive frames"])
    }
    guard layout.planes == 1 else {
      throw DeviceError.unsupported(
        device: name, what: "\(asked) in \(layout.planes) separate memories", supported: ["formats in one"])
    }
    let row = format.rowBytes(width: layout.width)
    guard Self.sides.contains(layout.width), Self.sides.contains(layout.height),
      layout.width * layout.height <= Self.mostPixels,
      row.map({ layout.bytesPerLine >= $0 && layout.size >= layout.bytesPerLine * (layout.height - 1) + $0 }) ?? true
    else {
      throw DeviceError.failed(
        device: name, operation: "VIDIOC_S_FMT",
        reason: "\(asked) with \(layout.bytesPerLine) bytes per line and \(layout.size) per frame cannot be")
    }
  }

  /// Others are a mistake of the driver, and so are more pixels.
  private static let sides = 1...65535
  private static let mostPixels = 1 << 28

  // MARK: - Region

  private var region: SensorRegion? {
    guard let x = configuration.x, let y = configuration.y, let width = configuration.width,
      let height = configuration.height
    else { return nil }
    return SensorRegion(x: x, y: y, width: width, height: height)
  }

  private func set(_ region: SensorRegion) throws {
    do {
      try port.setRegion(region)
    } catch  where [ENOTTY, EINVAL, ENODATA, ERANGE].contains(error.code) {
      throw refusal(region)
    }
  }

  private func verify(_ region: SensorRegion) throws {
    if try port.region(.inForce) != region { throw refusal(region) }
  }

  private func refusal(_ region: SensorRegion) -> DeviceError {
    let bounds = (try? port.region(.bounds)).map { ["regions inside \($0)"] } ?? []
    let made = (try? port.region(.inForce)).map { ["\($0), which the camera offers instead"] } ?? []
    return .unsupported(
      device: name, what: "the region \(region)", supported: bounds.isEmpty ? [] : bounds + made)
  }

  /// Sets the whole sensor, whatever was set before, and returns it; nil for cameras that have nothing else.
  private func resetRegion() -> SensorRegion? {
    guard let whole = try? port.region(.standard), (try? port.setRegion(whole)) != nil else { return nil }
    return whole
  }
}
