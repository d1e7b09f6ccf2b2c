import Devices
import Foundation
import Measuring

/// How a raw step stands in the columns of a recording: the same in the row of each of its frames.
struct RawColumns {
  /// Whole numbers, −1 where there is none: the running number of the step and its frames; the modulator (0 layers, 1 input), level and
  /// row of the pattern that was shown; how the time of the presentation is known.
  static let signed = ["step", "step_frames", "modulator", "level", "pattern", "evidence"]
  static let counts = ["presented", "evidence_bound", "exposure_start", "exposure_end", "flags"]
  /// Real numbers, not a number where there is none.
  static let real = [
    "rest", "asked_exposure", "asked_gain", "asked_rate", "exposure", "gain", "frame_rate",
  ]
  /// Of each modulator.
  static let patterns = ["layer_patterns", "input_patterns"]

  var signed: [String: Int64]
  var real: [String: Double]
  var bound: UInt64

  init(_ step: RawStep, _ taken: RawFrames, number: Int64) {
    let (role, level): (ModulatorRole?, UInt8?) =
      switch step.shown {
      case .dark: (nil, nil)
      case .level(let level, let role): (role, level)
      case .pattern(_, let role): (role, nil)
      }
    signed = [
      "step": number, "step_frames": Int64(taken.frames.count),
      "modulator": role.map { $0 == .layers ? 0 : 1 } ?? -1, "level": level.map { Int64($0) } ?? -1, "pattern": -1,
      "evidence": EvidenceCode.code(of: taken.evidence),
    ]
    real = [
      "rest": step.rest, "asked_exposure": step.settings?.exposure ?? .nan, "asked_gain": step.settings?.gain ?? .nan,
      "asked_rate": step.settings?.frameRate ?? .nan, "exposure": taken.settings.exposure, "gain": taken.settings.gain,
      "frame_rate": taken.settings.frameRate ?? .nan,
    ]
    bound = EvidenceCode.bound(of: taken.evidence)
  }

  static func text(of camera: CameraFacts) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(camera), as: UTF8.self)
  }
}
