import BenchAPI
import Calibration
import Catalogues
import Files
import ServiceCore

/// The kinds of jobs that a service offers.
public struct JobCatalogue: Sendable {
  private let kinds: Catalogue<JobKind>
  /// The routines that its jobs can calibrate by.
  package let calibrating: Catalogue<any CalibrationRoutine.Type>

  /// - Parameters:
  ///   - kinds: in the order in which menus show them.
  ///   - calibrating: the routines that these can calibrate by.
  public init(
    _ kinds: [JobKind], calibrating: Catalogue<any CalibrationRoutine.Type> = RoutineCatalogue.of([])
  ) {
    self.init(Catalogue("kind of job", kinds) { $0.declaration }, calibrating)
  }

  private init(_ kinds: Catalogue<JobKind>, _ calibrating: Catalogue<any CalibrationRoutine.Type>) {
    (self.kinds, self.calibrating) = (kinds, calibrating)
  }

  /// The catalogue with one more kind.
  public func adding(_ kind: JobKind) -> JobCatalogue { JobCatalogue(kinds.adding(kind), calibrating) }

  public var declarations: [Declaration] { kinds.declarations }

  /// Kinds that have a route of their own, sorted.
  package var kindsWithRoute: [String] { routines.filter { $0.hasRoute }.map { $0.kind }.sorted() }

  /// The file in the run directory from which a job of this kind resumes; nil when it starts over.
  func checkpointFile(of kind: String) -> String? { routine(named: kind)?.checkpointFile }

  /// The artefact of a job of this kind that is a model; nil when it makes none.
  package func modelFile(of kind: String) -> String? { routine(named: kind)?.modelFile }

  /// The model that a job has made; nil when it has made none.
  package func model(madeBy job: JobHead) -> ModelSummary? { routine(named: job.summary.kind)?.model(madeBy: job) }

  /// A job that finds a group of the twin's parameters again on a bench that has drifted; nil when no kind does that.
  package func refinement(of group: String, seed: UInt64) -> JobRequest? {
    routines.lazy.compactMap { $0.refinement(of: group, seed: seed) }.first
  }

  private var routines: [any JobRoutine.Type] { kinds.members.map(\.routine) }

  private func routine(named kind: String) -> (any JobRoutine.Type)? { try? kinds.member(named: kind).routine }

  /// The routine that a request asks for.
  package func routine(for request: JobRequest) throws -> any JobRoutine {
    let kind: JobKind
    do throws(UnknownName) {
      kind = try kinds.member(named: request.kind)
    } catch {
      throw ServiceError(.jobUnknownKind, "\(error)")
    }
    let name = "parameters of \(kind.declaration.name)"
    guard case .object = request.parameters else {
      throw ServiceError(.parameterInvalid, "\(name): they are not a JSON object")
    }
    do {
      return try kind.routine(request.parameters)
    } catch let error as DecodingError {
      throw ServiceError(.parameterInvalid, "\(name): \(error.explanation)")
    } catch {
      let reason = ServiceError(describing: error, otherwise: .parameterInvalid)
      throw ServiceError(reason.cause, "\(name): \(reason)")
    }
  }
}
