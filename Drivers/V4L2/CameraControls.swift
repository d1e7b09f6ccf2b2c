import CV4L
import Devices
import Glibc

/// Exposure, gain and frame rate by value.
package struct CameraControls {
  private let port: any CapturePort
  private let configuration: CameraConfiguration
  private let name: String
  private let exposure: Dial?
  private let gain: Dial?

  /// A control whose value is proportional to a quantity.
  private struct Dial {
    let identifier: UInt32
    let range: ControlRange
    /// The quantity of the value 1.
    let unit: Double
  }

  package init(port: any CapturePort, configuration: CameraConfiguration, name: String) throws(PortError) {
    self.port = port
    self.configuration = configuration
    self.name = name
    exposure = try Self.exposureDial(port, configuration)
    gain = try Self.gainDial(port, configuration)
  }

  private static func exposureDial(_ port: any CapturePort, _ configuration: CameraConfiguration) throws(PortError)
    -> Dial?
  {
    if let range = try port.control(cv4l_exposure_absolute), !range.readOnly {
      return Dial(identifier: cv4l_exposure_absolute, range: range, unit: configuration.exposureUnit ?? 100e-6)
    }
    // The unit of this one is the driver's own.
    if let unit = configuration.exposureUnit, let range = try port.control(cv4l_exposure), !range.readOnly {
      return Dial(identifier: cv4l_exposure, range: range, unit: unit)
    }
    return nil
  }

  private static func gainDial(_ port: any CapturePort, _ configuration: CameraConfiguration) throws(PortError)
    -> Dial?
  {
    for identifier in [cv4l_analogue_gain, cv4l_gain] {
      guard let range = try port.control(identifier), !range.readOnly else { continue }
      let one = configuration.gainUnit ?? range.standard
      return one > 0 ? Dial(identifier: identifier, range: range, unit: 1 / Double(one)) : nil
    }
    return nil
  }

  // MARK: - Automatics

  /// Whether the exposure can be set.
  package var hasExposure: Bool { exposure != nil }

  /// Switches everything off that would change the brightness by itself, and sets the gains to their standard.
  package func prepare() throws {
    for identifier in [
      cv4l_autogain, cv4l_autobrightness, cv4l_auto_white_balance, cv4l_exposure_auto_priority, cv4l_wide_dynamic_range,
    ] {
      if let range = try port.control(identifier), !range.readOnly, range.values.contains(0) {
        try port.setValue(0, of: identifier)
      }
    }
    try switchOffAutomaticExposure()
    for identifier in [cv4l_analogue_gain, cv4l_gain] {
      if let range = try port.control(identifier), !range.readOnly { try port.setValue(range.standard, of: identifier) }
    }
  }

  private func switchOffAutomaticExposure() throws {
    guard let range = try port.control(cv4l_exposure_auto), !range.readOnly else { return }
    // Cameras with an automatic iris call it shutter priority when the exposure time is set by hand.
    for mode in [V4L2_EXPOSURE_MANUAL, V4L2_EXPOSURE_SHUTTER_PRIORITY].map({ Int($0.rawValue) })
    where range.values.contains(mode) {
      if (try? port.setValue(mode, of: cv4l_exposure_auto)) != nil { return }
    }
    throw DeviceError.unsupported(device: name, what: "switching off the automatic exposure", supported: [])
  }

  // MARK: - Values

  /// What is in force: what the camera says or, where it says nothing, what the settings state.
  ///
  /// - Parameter statedRate: frames per second, for a camera that does not tell.
  /// - Throws: ``DeviceError/unsupported(device:what:supported:)`` when nobody states a frame rate; `PortError`.
  package func settingsInForce(statedRate: Double?) throws -> CameraSettings {
    guard let rate = try port.framePeriod().map({ 1 / $0 }) ?? statedRate else {
      throw DeviceError.unsupported(
        device: name, what: "telling its frame rate", supported: ["the setting frameRate, which states it"])
    }
    return CameraSettings(
      exposure: try exposure.map(quantity) ?? configuration.exposure ?? 1 / rate,
      gain: try gain.map(quantity) ?? 1, frameRate: rate)
  }

  /// Applies settings and returns those in force.
  ///
  /// - Throws: ``DeviceError`` for what the camera cannot do, which leaves it as it was; `PortError`, after which what is
  ///   in force is not known.
  package func apply(_ settings: CameraSettings, inForce: CameraSettings) throws -> CameraSettings {
    // Without a control and without a word of the user, the exposure counts as the frame period.
    let follows = configuration.exposure == nil ? settings.frameRate.map { 1 / $0 } : nil
    let exposures = [inForce.exposure] + [follows].compactMap { $0 }
    if exposure == nil { _ = try value(settings.exposure, "exposure", "s", nil, otherwise: exposures) }
    let gainValue = try value(settings.gain, "gain", "times", gain, otherwise: [inForce.gain])
    let rate = settings.frameRate.flatMap { $0 == inForce.frameRate ? nil : $0 }
    let before = try exposure.map { try port.value(of: $0.identifier) }
    if let rate { try setFrameRate(rate) }
    do {
      // The frame rate decides how long an exposure can be.
      let exposure = rate == nil ? exposure : try Self.exposureDial(port, configuration)
      let exposureValue = try value(settings.exposure, "exposure", "s", exposure, otherwise: exposures)
      if let exposure, let exposureValue { try port.setValue(exposureValue, of: exposure.identifier) }
    } catch let error as DeviceError {
      if rate != nil, let old = inForce.frameRate { try setFrameRate(old) }
      if rate != nil, let exposure, let before { try port.setValue(before, of: exposure.identifier) }
      throw error
    }
    if let gain, let gainValue { try port.setValue(gainValue, of: gain.identifier) }
    return try settingsInForce(statedRate: settings.frameRate ?? inForce.frameRate)
  }

  private func quantity(_ dial: Dial) throws(PortError) -> Double {
    try Double(port.value(of: dial.identifier)) * dial.unit
  }

  private func value(
    _ quantity: Double, _ what: String, _ unit: String, _ dial: Dial?, otherwise: [Double]
  ) throws -> Int? {
    guard let dial else {
      guard otherwise.contains(where: { abs(quantity - $0) <= 1e-6 * abs($0) }) else {
        throw DeviceError.unsupported(
          device: name, what: "setting the \(what) to \(quantity) \(unit)",
          supported: ["only \(otherwise[0]) \(unit): the camera has no control for it, or not in a known unit"])
      }
      return nil
    }
    guard quantity.isFinite, let value = dial.range.nearest(to: quantity / dial.unit) else {
      let values = dial.range.values
      throw DeviceError.invalidSetting(
        device: name, setting: what, value: "\(quantity) \(unit)",
        accepted: "\(Double(values.lowerBound) * dial.unit)…\(Double(values.upperBound) * dial.unit) \(unit)")
    }
    return value
  }

  private func setFrameRate(_ rate: Double) throws {
    guard CameraConfiguration.frameRates.contains(rate) else {
      throw DeviceError.invalidSetting(
        device: name, setting: "frameRate", value: "\(rate)",
        accepted: "a number in \(CameraConfiguration.frameRates) 1/s")
    }
    do {
      try port.setFramePeriod(1 / rate)
    } catch {
      guard [ENOTTY, EINVAL].contains(error.code) else { throw error }
      // A camera that does not tell its rate either has the one that the user states.
      guard let period = try port.framePeriod() else { return }
      throw DeviceError.unsupported(
        device: name, what: "setting the frame rate", supported: ["only \(1 / period) frames per second"])
    }
  }
}
