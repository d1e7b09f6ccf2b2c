import BenchAPI
import Files
import ServiceCore

/// The kinds of jobs that a service offers.
public struct JobCatalogue: Sendable {
  private let routines: [String: any JobRoutine.Type]

  public init(_ routines: [any JobRoutine.Type]) {
    self.routines = Dictionary(routines.map { ($0.kind, $0) }, uniquingKeysWith: { _, last in last })
  }

  /// The names of all kinds, sorted.
  public var kinds: [String] { routines.keys.sorted() }

  /// Kinds that have a route of their own, sorted.
  package var kindsWithRoute: [String] { routines.values.filter { $0.hasRoute }.map { $0.kind }.sorted() }

  /// The file in the run directory from which a job of this kind resumes; nil when it starts over.
  func checkpointFile(of kind: String) -> String? { routines[kind]?.checkpointFile }

  /// The artefact of a job of this kind that is a model; nil when it makes none.
  package func modelFile(of kind: String) -> String? { routines[kind]?.modelFile }

  /// The model that a job has made; nil when it has made none.
  package func model(madeBy job: JobHead) -> ModelSummary? { routines[job.summary.kind]?.model(madeBy: job) }

  /// The routine that a request asks for.
  package func routine(for request: JobRequest) throws -> any JobRoutine {
    guard let type = routines[request.kind] else {
      throw ServiceError.invalid(
        "there is no kind of job \"\(Excerpt.of(request.kind))\"; there are \(kinds.joined(separator: ", "))")
    }
    guard case .object = request.parameters else {
      throw ServiceError.invalid("parameters of \(request.kind): they are not a JSON object")
    }
    do {
      return try type.make(from: request.parameters)
    } catch let error as DecodingError {
      throw ServiceError.invalid("parameters of \(request.kind): \(error.explanation)")
    } catch {
      throw ServiceError.invalid("parameters of \(request.kind): \(error)")
    }
  }
}
