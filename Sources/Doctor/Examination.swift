import Catalogues

/// One thing that may be wrong with a bench, and how to tell. A new one is a file beside the others and a line in
/// ``ExaminationCatalogue``.
public protocol Examination: Sendable {
  /// The code of its findings, such as `camera.saturated`, and what it looks at.
  static var declaration: Declaration { get }

  /// From when on it has a finding, and why from there on.
  static var threshold: String { get }

  /// What it finds; nothing when all is well, or when nothing is known of what it looks at.
  static func findings(in patient: Patient) -> [Diagnosis]
}

/// What an examination says: what was measured, and what to do.
public struct Diagnosis: Sendable, Equatable {
  public var measured: Double
  /// Of the measured number; empty for a pure one.
  public var unit: String
  /// The measured number within a sentence.
  public var words: String
  public var advice: String

  public init(_ measured: Double, unit: String = "", _ words: String, advice: String) {
    (self.measured, self.unit, self.words, self.advice) = (measured, unit, words, advice)
  }
}

/// A diagnosis with the code of its examination.
public struct Finding: Sendable, Equatable, Codable {
  /// What programs decide by.
  public var code: String
  public var measured: Double
  public var unit: String
  public var words: String
  public var advice: String

  init(_ diagnosis: Diagnosis, code: String) {
    self.code = code
    (measured, unit, words, advice) = (diagnosis.measured, diagnosis.unit, diagnosis.words, diagnosis.advice)
  }
}
