import COptics

/// The instructions for which the block engine is built.
public enum InstructionSet: CaseIterable, Sendable {
  case avx512
  case avx2
  case baseline

  /// What names of engines call it.
  public var name: String {
    switch self {
    case .avx512: return "avx512"
    case .avx2: return "avx2"
    case .baseline: return "baseline"
    }
  }

  var selector: optics_instructions {
    switch self {
    case .avx512: return OPTICS_AVX512
    case .avx2: return OPTICS_AVX2
    case .baseline: return OPTICS_BASELINE
    }
  }
}
