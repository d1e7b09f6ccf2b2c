import Foundation

/// A thing that a calibration has found out about a bench, and where it comes from.
public struct Product: Sendable, Codable, Equatable {
  public var content: ProductContent
  /// How sure the parameters in it are, where it has any.
  public var posterior: Posterior
  public var report: RoutineReport
  public var provenance: Provenance

  public init(
    content: ProductContent, posterior: Posterior = Posterior(), report: RoutineReport, provenance: Provenance
  ) {
    self.content = content
    self.posterior = posterior
    self.report = report
    self.provenance = provenance
  }

  public var kind: ProductKind { content.kind }
}

/// How a product was made.
public struct Provenance: Sendable, Codable, Equatable {
  /// The routine, by the name in its catalogue.
  public var routine: String
  /// Nil when unknown.
  public var seed: UInt64?
  /// The content hashes of the products that it builds on.
  public var parents: [String]
  /// What the routine was given besides, by name.
  public var settings: [String: String]
  /// The version of the software, and the revision of its source code.
  public var software: String
  public var revision: String?

  public init(
    routine: String, seed: UInt64? = nil, parents: [String] = [], settings: [String: String] = [:], software: String,
    revision: String? = nil
  ) {
    self.routine = routine
    self.seed = seed
    self.parents = parents
    self.settings = settings
    self.software = software
    self.revision = revision
  }
}
