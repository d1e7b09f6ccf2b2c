import CV4L
import Devices
import Glibc
import Measuring

/// Exposure, gain and frame rate by value, and everything else that changes pictures put out of the way.
package struct CameraControls {
  private let port: any CapturePort
  private let configuration: CameraConfiguration
  private let identity: CameraIdentity
  private let exposure: Dial?
  private let gain: Dial?
  private var targets: ControlTargets
  /// What the camera may do to pictures although it was switched off, one sentence each.
  package private(set) var warnings: [String] = []
  /// Those of the warnings that have a name.
  package var effects: [DeviceEffect] { warnings.compactMap(CameraRule.effect) }
  /// What it made of exposure, gain and frame rate, where that is not what was asked for.
  package private(set) var deviations: [String] = []

  private var name: String { identity.card }

  /// A control whose value is proportional to a quantity. Its range is asked for each time: formats and frame rates change it.
  private struct Dial {
    let identifier: UInt32
    /// The quantity of the value 1.
    let unit: Double
  }

  package init(port: any CapturePort, configuration: CameraConfiguration) throws(PortError) {
    self.port = port
    self.configuration = configuration
    identity = port.identity
    exposure = try Self.exposureDial(port, configuration)
    gain = try Self.gainDial(port, configuration)
    targets = ControlTargets(port: port)
  }

  private static func exposureDial(_ port: any CapturePort, _ configuration: CameraConfiguration) throws(PortError)
    -> Dial?
  {
    if let range = try port.control(cv4l_exposure_absolute), !range.readOnly {
      return Dial(identifier: cv4l_exposure_absolute, unit: configuration.exposureUnit ?? 100e-6)
    }
    // The unit of this one is the driver's own.
    if let unit = configuration.exposureUnit, let range = try port.control(cv4l_exposure), !range.readOnly {
      return Dial(identifier: cv4l_exposure, unit: unit)
    }
    return nil
  }

  private static func gainDial(_ port: any CapturePort, _ configuration: CameraConfiguration) throws(PortError)
    -> Dial?
  {
    for identifier in [cv4l_analogue_gain, cv4l_gain] {
      guard let range = try port.control(identifier), !range.readOnly else { continue }
      let one = configuration.gainUnit ?? range.standard
      return one > 0 ? Dial(identifier: identifier, unit: 1 / Double(one)) : nil
    }
    return nil
  }

  // MARK: - Automatics

  /// Whether the exposure can be set.
  package var hasExposure: Bool { exposure != nil }

  /// Whether anything was set that the start of a stream may undo.
  package var hasTargets: Bool { !targets.all.isEmpty }

  /// Switches everything off that would change pictures by itself, and sets what scales them to its standard.
  /// - Throws: ``DeviceError/unsupported(device:what:supported:)`` for a camera that insists on its own exposure; `PortError`.
  package mutating func prepare() throws {
    warnings = []
    try switchOffAutomaticExposure()
    for rule in CameraRule.all {
      guard let range = try port.control(rule.identifier), !range.readOnly, let value = rule.value(in: range) else {
        continue
      }
      try prepare(
        ControlTargets.Target(
          identifier: rule.identifier, name: rule.name, value: value, consequence: rule.consequence,
          mayBeNudged: rule.mayBeNudged))
    }
    try prepareGamma()
    try noteStrangers()
  }

  private mutating func prepare(_ target: ControlTargets.Target) throws {
    targets.set(target)
    if let warning = try targets.write(target) { warnings.append(warning) }
  }

  private mutating func switchOffAutomaticExposure() throws {
    guard let range = try port.control(cv4l_exposure_auto), !range.readOnly else { return }
    // Cameras with an automatic iris call it shutter priority when the exposure time is set by hand.
    for mode in [V4L2_EXPOSURE_MANUAL, V4L2_EXPOSURE_SHUTTER_PRIORITY].map({ Int($0.rawValue) })
    where range.values.contains(mode) {
      let target = ControlTargets.Target(
        identifier: cv4l_exposure_auto, name: "automatic exposure", value: mode,
        consequence: CameraRule.exposes, mayBeNudged: true)
      if try targets.write(target) == nil { return targets.set(target) }
    }
    throw DeviceError.unsupported(device: name, what: "switching off the automatic exposure", supported: [])
  }

  /// UVC cameras count gamma in hundredths; what others count in, nobody knows.
  private mutating func prepareGamma() throws {
    guard let range = try port.control(cv4l_gamma), !range.readOnly else { return }
    let bent = "values are not in proportion to light"
    let linear = configuration.linearGamma ?? (identity.driver == "uvcvideo" ? 100 : nil)
    guard let linear, range.values.contains(linear) else {
      warnings.append(
        "gamma is \(try port.value(of: cv4l_gamma)) of \(range.values.lowerBound)…\(range.values.upperBound), and "
          + "the value for no gamma is unknown: \(bent) unless linearGamma states it")
      return
    }
    try prepare(
      ControlTargets.Target(
        identifier: cv4l_gamma, name: "gamma", value: linear, consequence: bent, mayBeNudged: true))
  }

  /// Controls of the driver's own that sound as if they changed pictures, and are on.
  private mutating func noteStrangers() throws {
    let known = Set(CameraRule.all.map(\.identifier)).union(CameraRule.others)
    for (identifier, control) in try port.controlNames().sorted(by: { $0.key < $1.key })
    where !known.contains(identifier) && CameraRule.soundsLikeProcessing(control) {
      guard let value = try? port.value(of: identifier), value != 0 else { continue }
      warnings.append(
        "the control '\(control)' is \(value) and is left so: see with v4l2-ctl whether it changes pictures by itself")
    }
  }

  // MARK: - After the start of a stream

  /// Writes everything again that was set, since the start of the stream may have undone it, and returns what is in force.
  package mutating func reassert(_ inForce: CameraSettings) throws -> CameraSettings {
    warnings = try targets.writeAgain()
    try noteStrangers()
    let found = try settingsInForce(statedRate: inForce.frameRate)
    note(asked: inForce, found)
    return found
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
  package mutating func apply(_ settings: CameraSettings, inForce: CameraSettings) throws -> CameraSettings {
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
      let exposureValue = try value(settings.exposure, "exposure", "s", exposure, otherwise: exposures)
      if let exposure, let exposureValue {
        try port.setValue(exposureValue, of: exposure.identifier)
        targets.set(target(exposure, "exposure", exposureValue))
      }
    } catch let error as DeviceError {
      if rate != nil, let old = inForce.frameRate { try setFrameRate(old) }
      if rate != nil, let exposure, let before { try port.setValue(before, of: exposure.identifier) }
      throw error
    }
    if let gain, let gainValue {
      try port.setValue(gainValue, of: gain.identifier)
      targets.set(target(gain, "gain", gainValue))
    }
    let found = try settingsInForce(statedRate: settings.frameRate ?? inForce.frameRate)
    note(asked: settings, found)
    return found
  }

  private func target(_ dial: Dial, _ name: String, _ value: Int) -> ControlTargets.Target {
    ControlTargets.Target(
      identifier: dial.identifier, name: "\(name) control", value: value,
      consequence: "the camera made another \(name) of it than it was asked for", mayBeNudged: true)
  }

  /// Says where the camera took something else than it was asked for.
  private mutating func note(asked: CameraSettings, _ found: CameraSettings) {
    deviations = []
    func compare(_ what: String, _ unit: String, _ asked: Double, _ found: Double, step: Double) {
      guard abs(asked - found) > 0.501 * step + 1e-6 * abs(asked) else { return }
      deviations.append("\(what): \(asked) \(unit) was asked for, and the camera made \(found) \(unit) of it")
    }
    func step(_ dial: Dial) -> Double {
      let range = try? port.control(dial.identifier)
      return Double(range?.step ?? 1) * dial.unit
    }
    if let exposure { compare("exposure", "s", asked.exposure, found.exposure, step: step(exposure)) }
    if let gain { compare("gain", "times", asked.gain, found.gain, step: step(gain)) }
    if let asked = asked.frameRate, let found = found.frameRate {
      compare("frame rate", "1/s", asked, found, step: 2e-3 * asked)
    }
    if let rate = found.frameRate, exposure != nil, found.exposure > 1.001 / rate {
      deviations.append(
        "an exposure of \(found.exposure) s is longer than a frame at \(rate) frames per second: the unit of its control "
          + "(exposureUnit) or the frame rate is not what the driver says")
    }
  }

  /// What exposure and gain can be set to, at the present format and frame rate.
  package var limits: CameraLimits {
    get throws(PortError) {
      CameraLimits(exposure: try exposure.flatMap(range), gain: try gain.flatMap(range))
    }
  }

  private func range(_ dial: Dial) throws(PortError) -> ClosedRange<Double>? {
    guard let values = try port.control(dial.identifier)?.values, dial.unit > 0 else { return nil }
    return Double(values.lowerBound) * dial.unit...Double(values.upperBound) * dial.unit
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
    guard let range = try port.control(dial.identifier) else {
      throw DeviceError.unsupported(device: name, what: "setting the \(what)", supported: [])
    }
    guard quantity.isFinite, let value = range.nearest(to: quantity / dial.unit) else {
      let values = range.values
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
