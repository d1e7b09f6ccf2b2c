import Devices

extension CommandLink {
  /// Wakes the device up and checks that it is well and drives the panel that is expected.
  /// - Parameter expected: nil when any panel will do.
  /// - Returns: the panel.
  @discardableResult
  package mutating func prepare(panel expected: DLPC900Panel?) throws -> DLPC900Panel {
    if try byte(.readPower) & 3 != 0 { try send(.wake) }
    try waitUntilAwake()
    let panel = try identify(expected: expected)
    let hardware = HardwareStatus(rawValue: try byte(.readHardwareStatus))
    if let fault = hardware.fault(needsSecondary: panel.controllers.count > 1) { throw failed(fault) }
    guard try byte(.readSystemStatus) & 1 != 0 else { throw failed("the test of its memory failed") }
    return panel
  }

  private mutating func waitUntilAwake() throws {
    for _ in 0..<1000 where !MainStatus(rawValue: try byte(.readMainStatus)).contains(.parked) { return }
    throw failed("the mirrors stay parked")
  }

  private mutating func identify(expected: DLPC900Panel?) throws -> DLPC900Panel {
    let number = try byte(.readHardware)
    let known = DLPC900Panel.allCases.map(\.rawValue)
    guard let found = DLPC900Panel(hardware: number) else {
      if let expected { return expected }
      throw DeviceError.invalidSetting(
        device: device, setting: "model", value: "(none)",
        accepted: "one of \(known.joined(separator: ", ")), since the device does not say what it is")
    }
    guard found == expected ?? found else {
      throw DeviceError.invalidSetting(
        device: device, setting: "model", value: expected?.rawValue ?? "", accepted: "\(found.rawValue), which it is")
    }
    return found
  }

  private func failed(_ reason: String) -> DeviceError {
    .failed(device: device, operation: "preparing the device", reason: reason)
  }
}
