import BenchAPI
import Calibration
import Catalogues
import Datasets
import Diffusion
import Optics
import ServiceCore
import Training
import Twin

extension CalibrationError: CausedError {
  public var cause: Cause {
    switch self {
    case .notAccepted, .notBetter: .calibrationNotAccepted
    case .saturated, .saturatedAtShortest: .calibrationSaturated
    case .registrationNotFound: .calibrationNotFound
    case .registrationAmbiguous: .calibrationAmbiguous
    case .registrationUnfit: .calibrationRegionUnfit
    case .noDevices: .benchNoDevices
    case .noLight: .calibrationNoLight
    case .unchanging, .restless: .calibrationNoChange
    case .notRecorded: .stateDamaged
    case .needs: .calibrationMissing
    case .nothingFree: .fitImpossible
    }
  }
}

extension FitError: CausedError {
  public var cause: Cause { .fitImpossible }
}

extension TwinError: CausedError {
  public var cause: Cause { .twinInvalid }
}

extension OpticsError: CausedError {
  public var cause: Cause { .twinInvalid }
}

extension DiffusionError: CausedError {
  public var cause: Cause {
    switch self {
    case .argument: .parameterInvalid
    case .prediction: .jobFailed
    }
  }
}

extension DatasetError: CausedError {
  public var cause: Cause { .datasetUnusable }
}

extension UnknownName: CausedError {
  public var cause: Cause { .parameterUnknownName }
}

extension TrainingError: CausedError {
  public var cause: Cause {
    switch self {
    case .unreadableModel: .modelUnusable
    case .diverged: .trainingDiverged
    case .noLayerSet, .argument, .checkpoint, .detector: .trainingUnfit
    }
  }
}

extension ServiceError {
  /// A parameter that cannot be used, for a reason of the layers below.
  init(of parameter: String, _ error: any Error) {
    self.init(error is UnknownName ? .parameterUnknownName : .parameterInvalid, "\(parameter): \(error)")
  }
}
