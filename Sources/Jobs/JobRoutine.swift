import BenchAPI

/// What one kind of job does. A new kind is one file in `Sources/JobKinds` with a conforming type, and one line in the catalogue
/// there (``JobKind``). Everything else learns from here what it has to know of the kind.
public protocol JobRoutine: Sendable {
  /// What a client sends, a structure with the members of the JSON object, which may have no others; declared in BenchAPI
  /// where the command line needs it too.
  associatedtype Parameters: Codable & Sendable
  /// What `GET /v1/jobs/<id>/result` answers.
  associatedtype Result: Encodable & Sendable

  /// The kind in ``JobRequest/kind``.
  static var kind: String { get }

  /// Whether `POST /v1/<kind>` submits such a job, with its parameters as the body.
  static var hasRoute: Bool { get }

  /// The file in the run directory from which a stopped job resumes; nil when it starts over.
  static var checkpointFile: String? { get }

  /// The artefact that is a model; nil when the job makes none.
  static var modelFile: String? { get }

  /// What lists say of the model that a job of this kind has made; nil when it has made none.
  static func model(madeBy job: JobHead) -> ModelSummary?

  /// A job that finds a group of the twin's parameters again on a bench that has drifted; nil when this kind of job does no such thing.
  static func refinement(of group: String, seed: UInt64) -> JobRequest?

  /// The routine with the files that clients named already read, so that nobody waits with the bench for a file system. Use
  /// ``FileReading/run(_:)``, which can be cancelled.
  func prepared(_ preparation: JobPreparation) async throws -> Self

  /// Whether it needs a bench. One that needs none runs wherever there is a bench file, in the process of a command, too.
  var needsBench: Bool { get }

  /// Does the work. It runs on a thread of its own for jobs, so that it may compute without yielding; it calls
  /// ``JobHost/checkCancellation()`` at least once per camera frame or batch.
  func run(in context: any JobHost) async throws -> Result
}

extension JobRoutine {
  public var needsBench: Bool { true }
  public static var hasRoute: Bool { false }
  public static var checkpointFile: String? { nil }
  public static var modelFile: String? { nil }
  public static func model(madeBy job: JobHead) -> ModelSummary? { nil }

  public static func refinement(of group: String, seed: UInt64) -> JobRequest? { nil }

  public func prepared(_ preparation: JobPreparation) async throws -> Self { self }

  func result(in context: any JobHost) async throws -> JSONValue {
    try JSONValue(encoding: await run(in: context))
  }
}
