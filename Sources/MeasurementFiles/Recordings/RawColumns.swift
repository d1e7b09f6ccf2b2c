import Devices
import Foundation
import Measuring

/// How a raw step stands in the columns of a recording: the same in the row of each of its frames.
struct RawColumns {
  /// Whole numbers, −1 where there is none: the running number of the step and its frames; the modulator (0 layers, 1 input, 2 both),
  /// level and row of the pattern that was shown; how the time of the presentation is known.
  static let signed = ["step", "step_frames", "modulator", "level", "pattern", "evidence"]
  /// The row of the second pattern where both modulators had one; files of earlier versions lack it.
  static let second = "input_pattern"
  /// The number of both modulators together.
  static let both = 2
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
    let (modulator, level): (Int, UInt8?) =
      switch step.shown {
      case .dark: (-1, nil)
      case .level(let level, let role): (Self.number(of: role), level)
      case .pattern(_, let role): (Self.number(of: role), nil)
      case .patterns: (Self.both, nil)
      }
    signed = [
      "step": number, "step_frames": Int64(taken.frames.count), "modulator": Int64(modulator),
      "level": level.map { Int64($0) } ?? -1, "pattern": -1, Self.second: -1,
      "evidence": EvidenceCode.code(of: taken.evidence),
    ]
    real = [
      "rest": step.rest, "asked_exposure": step.settings?.exposure ?? .nan, "asked_gain": step.settings?.gain ?? .nan,
      "asked_rate": step.settings?.frameRate ?? .nan, "exposure": taken.settings.exposure, "gain": taken.settings.gain,
      "frame_rate": taken.settings.frameRate ?? .nan,
    ]
    bound = EvidenceCode.bound(of: taken.evidence)
  }

  private static func number(of role: ModulatorRole) -> Int { role == .layers ? 0 : 1 }

  static func text(of camera: CameraFacts) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(camera), as: UTF8.self)
  }
}
