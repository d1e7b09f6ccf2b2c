import BenchAPI

/// What one kind of job does. A new kind is one file with a conforming type and one line in ``JobCatalogue/standard``.
public protocol JobRoutine: Sendable {
  /// What a client sends, a structure with the members of the JSON object, which may have no others; declared in BenchAPI
  /// where the command line needs it too.
  associatedtype Parameters: Codable & Sendable
  /// What `GET /v1/jobs/<id>/result` answers.
  associatedtype Result: Encodable & Sendable

  /// The kind in ``JobRequest/kind``.
  static var kind: String { get }

  /// A routine with these parameters; throws when they make no sense, which refuses the request with status 400.
  init(_ parameters: Parameters) throws

  /// The routine with the files that clients named already read, so that nobody waits with the bench for a file system. Use
  /// ``FileReading/run(_:)``, which can be cancelled.
  func prepared(_ preparation: JobPreparation) async throws -> Self

  /// Does the work. It runs on the service's own thread for jobs, so that it may compute without yielding; it calls
  /// ``JobContext/checkCancellation()`` at least once per camera frame or batch.
  func run(in context: JobContext) async throws -> Result
}

extension JobRoutine {
  public func prepared(_ preparation: JobPreparation) async throws -> Self { self }

  static func make(from parameters: JSONValue) throws -> any JobRoutine {
    let decoded = try parameters.decoded(as: Parameters.self)
    let known = Mirror(reflecting: decoded).children.compactMap(\.label)
    if case .object(let members) = parameters, let unknown = members.keys.sorted().first(where: { !known.contains($0) })
    {
      throw ServiceError.invalid("\(unknown): unknown; there are \(known.joined(separator: ", "))")
    }
    return try Self(decoded)
  }

  func result(in context: JobContext) async throws -> JSONValue {
    try JSONValue(encoding: await run(in: context))
  }
}
