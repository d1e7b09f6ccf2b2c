/// What the hardware says about itself.
///
/// Source: TI DLPU018J, section 2.1.1.
package struct HardwareStatus: OptionSet {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let initialised = HardwareStatus(rawValue: 0x01)
  package static let incompatible = HardwareStatus(rawValue: 0x02)
  package static let resetControllerError = HardwareStatus(rawValue: 0x04)
  package static let forcedSwapError = HardwareStatus(rawValue: 0x08)
  package static let secondaryReady = HardwareStatus(rawValue: 0x10)
  package static let sequencerAborted = HardwareStatus(rawValue: 0x40)
  package static let sequencerError = HardwareStatus(rawValue: 0x80)

  /// Why the device cannot be used at all, or nil.
  /// - Parameter needsSecondary: whether the panel has two controllers.
  package func fault(needsSecondary: Bool) -> String? {
    if !contains(.initialised) { return "its initialisation failed; switch it off and on again" }
    if contains(.incompatible) { return "controller, panel and firmware do not belong together" }
    if needsSecondary, !contains(.secondaryReady) { return "the controller of the right half does not answer" }
    return nil
  }

  /// Why the last sequence failed, or nil. The next one may well run.
  package var sequenceFault: String? {
    if contains(.sequencerAborted) { return "the sequencer gave up; check exposure and dark time" }
    if contains(.sequencerError) { return "the sequencer reports an error; check exposure and dark time" }
    if contains(.resetControllerError) { return "the panel's blocks were reset while still busy" }
    if contains(.forcedSwapError) { return "its image memory was swapped before it was ready" }
    return nil
  }
}

/// What the device is doing.
///
/// Source: TI DLPU018J, section 2.1.3.
package struct MainStatus: OptionSet {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let parked = MainStatus(rawValue: 0x01)
  package static let sequencerRuns = MainStatus(rawValue: 0x02)
  package static let frozen = MainStatus(rawValue: 0x04)
}

/// The device's reasons for refusing a command.
///
/// Source: TI DLPU018J, section 2.1.6.
package func errorDescription(code: UInt8) -> String? {
  switch code {
  case 0: nil
  case 1: "the checksum of the batch file is wrong"
  case 2: "the device has failed"
  case 3: "there is no such command"
  case 4: "controller and panel do not belong together"
  case 5: "the command is not allowed in this mode"
  case 6: "a parameter is wrong"
  case 7: "what the parameter refers to is not there"
  case 8: "the memory is full"
  case 9: "the kind of compression is unknown"
  case 10: "the bit position is out of range"
  case 11: "there is no such image in the flash memory"
  case 12: "the dark time is out of range"
  case 13: "the signal delay is out of range"
  case 14: "the exposure is out of range"
  case 15: "the pattern number is out of range"
  case 16: "the pattern definition is invalid"
  case 17: "the address of the image is out of range"
  case 255: "an internal error"
  default: "an error without description"
  }
}
