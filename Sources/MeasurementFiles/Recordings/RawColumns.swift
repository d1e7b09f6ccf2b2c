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
  /// What earlier versions did not write: rows of the patterns beside and before what was shown, and the delay of a change.
  static let (addedSigned, addedReal) = (["beside", "before"], ["delay"])
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
      "evidence": EvidenceCode.code(of: taken.evidence), "beside": -1, "before": -1,
    ]
    real = [
      "rest": step.rest, "asked_exposure": step.settings?.exposure ?? .nan, "asked_gain": step.settings?.gain ?? .nan,
      "asked_rate": step.settings?.frameRate ?? .nan, "exposure": taken.settings.exposure, "gain": taken.settings.gain,
      "frame_rate": taken.settings.frameRate ?? .nan, "delay": step.change?.delay ?? .nan,
    ]
    bound = EvidenceCode.bound(of: taken.evidence)
  }

  /// The patterns of a step and the modulator of each, by the column that has their rows.
  static func patterns(of step: RawStep) -> [(column: String, pattern: Pattern, role: ModulatorRole)] {
    let role: ModulatorRole
    var patterns: [(String, Pattern, ModulatorRole)] = []
    switch step.shown {
    case .dark: return []
    case .level(_, let shown): role = shown
    case .pattern(let pattern, let shown):
      role = shown
      patterns.append(("pattern", pattern, role))
    }
    if let change = step.change { patterns.append(("before", change.before, role)) }
    if let beside = step.beside { patterns.append(("beside", beside, role == .layers ? .input : .layers)) }
    return patterns
  }

  static func text(of camera: CameraFacts) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(camera), as: UTF8.self)
  }
}
