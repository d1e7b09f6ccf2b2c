import BenchAPI
import BenchFile
import Devices
import MeasurementFiles
import StrictYAML

extension BenchError: CausedError {
  public var cause: Cause {
    switch self {
    case .wrongShape, .wrongBlock: .measurementShape
    case .notFinite, .outOfRange: .measurementValue
    case .outsideDevice, .invalidLayout: .benchFile
    case .unknownModulator: .modulatorUnknown
    case .noMatchingFrame, .silentCamera: .benchNoFrame
    case .notReady: .benchMissing
    case .busy: .benchInUse
    }
  }
}

extension DeviceError: CausedError {
  public var cause: Cause {
    switch self {
    case .wrongPatternSize, .levelOutOfRange: .patternInvalid
    case .noFrame: .benchNoFrame
    case .absent, .notADevice: .deviceMissing
    case .noPermission: .deviceNoPermission
    case .inUse: .deviceInUse
    case .disconnected: .deviceDisconnected
    case .wrongFrameSize, .unknownPattern, .notRunning, .failed: .deviceFailed
    case .invalidSetting, .unknownSetting, .unsupported: .deviceSetting
    case .unknownDriver: .driverUnknown
    }
  }
}

extension BenchFileError: CausedError {
  public var cause: Cause {
    switch self {
    case .noDevices: .benchNoDevices
    }
  }
}

extension ReadingError: CausedError {
  public var cause: Cause { .benchFile }
}

extension RecordingError: CausedError {
  public var cause: Cause {
    switch self {
    case .diskFull: .stateFull
    case .exists, .unwritable, .limitReached, .shape: .stateUnwritable
    }
  }
}
