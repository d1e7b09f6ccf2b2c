import Arrays
import Devices
import ReadableNumbers
import Twin

/// Why a calibration gave no result.
public enum CalibrationError: Error, Equatable, CustomStringConvertible {
  /// The fitted twin does not predict frames that the fit has not seen, or ended at a bound, as the verdict says.
  /// `suspicions` say what may be wrong, the likeliest first.
  case notAccepted(verdict: String, suspicions: [String])
  /// Frames saturate at a tenth of the light.
  case saturated
  /// A routine that works with the devices themselves runs where there are none.
  case noDevices
  /// They saturate at the camera's shortest exposure, in seconds.
  case saturatedAtShortest(exposure: Double)
  /// No exposure shows any light.
  case noLight
  /// What the camera sees is the same whatever a panel shows.
  case unchanging(panel: String)
  /// No way to look at the detector plane explains the frames; this part of them is left.
  case registrationNotFound(unexplained: Double)
  /// Two ways to look at the plane explain the frames about equally well.
  case registrationAmbiguous([String])
  /// The camera was found, and has no pixels that see the whole detector region. The largest region that it sees, and its pixels for that.
  case registrationUnfit(Region, CameraLayout)
  /// The light still changes so many seconds after a pattern was shown.
  case restless(panel: String, seconds: Double)
  /// A recording was asked for a frame that it does not have, after so many that it has.
  case notRecorded(frame: Int)
  /// A routine builds on what is not known of the bench yet.
  case needs([ProductKind], routine: String)
  /// The bench file frees nothing that the routine finds.
  case nothingFree(routine: String)
  /// A refinement predicts frames that it has not seen hardly better than what was known; the discrepancies of both.
  case notBetter(before: Double, after: Double)

  public var description: String {
    switch self {
    case .saturated:
      return "the camera saturates even at a tenth of the light; shorten the exposure or attenuate the laser"
    case .saturatedAtShortest(let exposure):
      return "the camera saturates even at its shortest exposure of \(brief(exposure)) s; attenuate the laser"
    case .registrationNotFound(let unexplained):
      return
        "no way to look at the detector plane explains what the camera sees (\(brief(100 * unexplained)) % is left); check that the "
        + "whole picture is on the sensor and in focus, and the geometry in the bench file"
    case .registrationAmbiguous(let answers):
      return
        "two ways to look at the detector plane explain what the camera sees about equally well: "
        + "\(answers.joined(separator: ", or ")). See that more of the image reaches the camera unblurred, or use an input of more "
        + "pixels; or state layout.camera by hand"
    case .registrationUnfit(let region, let camera):
      return
        "the camera is found, but its pixels see beyond the detector plane, or its sensor ends before the detector region of the bench "
        + "file does. Set detector.region to \(region.words) and layout.camera to \(camera.words), and calibrate again"
    case .noDevices:
      return "this routine works with the bench's devices themselves, and there are none here"
    case .noLight:
      return
        "no exposure shows more light than the dark; switch the laser on, open the shutter, and check the layout of the input"
    case .unchanging(let panel):
      return
        "the camera sees the same whatever \(panel) shows; check that it is the panel in the beam, its cable and power, and the "
        + "places of layers and input in the layout"
    case .restless(let panel, let seconds):
      return
        "the light still changes \(number(seconds, significant: 2)) s after a pattern was shown on \(panel); check that the panel "
        + "does not dither or fade, and that the source is steady"
    case .notRecorded(let frame):
      return
        "the recording has no frame of what is to be shown next, after \(frame) that it has; was it made by this routine "
        + "with this seed, to its end?"
    case .needs(let kinds, let routine):
      let names = kinds.map(\.rawValue).joined(separator: ", ")
      return "\(routine) builds on \(names), which this bench was not calibrated for; run \(names) first"
    case .nothingFree(let routine):
      return "the bench file frees no parameter that \(routine) finds; free one in its section `parameters`"
    case .notBetter(let before, let after):
      return
        "what was found predicts frames that were not fitted hardly better than what was known: \(brief(after)) after \(brief(before)) "
        + "(1 - Pearson); what was in force stays"
    case .notAccepted(let verdict, let suspicions):
      let advice =
        suspicions.isEmpty
        ? "Check the geometry in the bench file, the light, the camera's orientation, and the regions of layers and camera."
        : suspicions.joined(separator: " ")
      return "the calibration was not accepted. \(verdict) \(advice)"
    }
  }
}

extension Region {
  /// As bench files have it.
  fileprivate var words: String { "{x: \(x), y: \(y), width: \(width), height: \(height)}" }
}

extension CameraLayout {
  fileprivate var words: String {
    "{x: \(x), y: \(y), width: \(width), height: \(height), orientation: \(orientation.rawValue)}"
  }
}
