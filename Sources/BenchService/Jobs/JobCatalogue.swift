import BenchAPI
import Files

/// The kinds of jobs that a service offers.
public struct JobCatalogue: Sendable {
  /// The kinds that `odud` offers.
  public static let standard = JobCatalogue([
    MeasureJob.self,
    CalibrateJob.self,
    TrainJob.self,
    CompareJob.self,
    GenerateJob.self,
  ])

  private let routines: [String: any JobRoutine.Type]

  public init(_ routines: [any JobRoutine.Type]) {
    self.routines = Dictionary(routines.map { ($0.kind, $0) }, uniquingKeysWith: { _, last in last })
  }

  /// The names of all kinds, sorted.
  public var kinds: [String] { routines.keys.sorted() }

  /// The routine that a request asks for.
  func routine(for request: JobRequest) throws -> any JobRoutine {
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
