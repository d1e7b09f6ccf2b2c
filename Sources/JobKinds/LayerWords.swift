import Calibration
import Jobs
import ReadableNumbers
import Twin

extension JobHost {
  /// Writes into the log what layers are, where it is not what they always were.
  func say(_ inverse: PhaseInverse?, on bench: CalibratedBench) {
    switch (inverse, bench.meaning) {
    case (let inverse?, .phases):
      log(
        "layers are phases: the calibrated response chooses the commands, to \(rounded(inverse.error, decimals: 4)) waves RMS"
      )
    case (_?, .commands):
      log("layers are phases, and no calibrated response is in force: that of the bench file chooses the commands")
    case (nil, .phases):
      log("layers are commands, as they were trained: the calibrated response does not choose them")
    case (nil, .commands): break
    }
  }
}
