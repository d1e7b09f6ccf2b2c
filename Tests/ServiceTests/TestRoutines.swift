import Arrays
import BenchAPI
import BenchTestKit
import Catalogues
import Jobs

/// Counts up to a number, half a second of the stage's clock for each step, and waits at the gate `finish` if told to.
struct CountJob: JobRoutine {
  struct Parameters: Codable, Sendable {
    var stage: String
    var steps: Int
    var waits: Bool?
  }

  struct Result: Codable, Sendable, Equatable {
    var sum: Int
  }

  struct NegativeSteps: Error, CustomStringConvertible {
    let description = "steps must not be negative"
  }

  static let kind = "count"
  static let checkpointFile: String? = "checkpoint.state"
  static let declared = JobKind(
    Declaration(
      kind, "Counts",
      parameters: [
        Parameter("stage", .text, "whose clock moves", isRequired: true),
        Parameter("steps", .integer(Int.min...Int.max), "how far", isRequired: true),
        Parameter("waits", .flag, "whether it waits at the gate finish"),
      ]), CountJob.init)
  private let parameters: Parameters

  init(_ parameters: Parameters) throws {
    guard parameters.steps >= 0 else { throw NegativeSteps() }
    self.parameters = parameters
  }

  func run(in context: any JobHost) async throws -> Result {
    let stage = Stage.named(parameters.stage)
    context.log("counting")
    context.progress("count", 0, of: parameters.steps)
    for step in 0..<parameters.steps {
      stage?.advance(by: 0.5)
      context.metrics("count", step: step, ["square": Double(step * step)])
      context.progress("count", step + 1, of: parameters.steps)
    }
    stage?.open("counted")
    if parameters.waits == true { await stage?.pass("finish") }
    try context.checkCancellation()
    try context.write(Stack(count: 1, height: 1, width: 2, values: [Float(parameters.steps), 0.5]), as: "count.npy")
    return Result(sum: (0..<parameters.steps).reduce(0, +))
  }
}

/// Fails.
struct FailingJob: JobRoutine {
  struct Parameters: Codable, Sendable {}
  struct LampBroken: Error, CustomStringConvertible { let description = "the lamp is broken; replace it" }

  static let kind = "fail"
  static let declared = JobKind(Declaration(kind, "Fails"), FailingJob.init)

  init(_ parameters: Parameters) {}

  func run(in context: any JobHost) async throws -> Int { throw LampBroken() }
}

/// Reads files until the gate `read` is open.
struct ReadingJob: JobRoutine {
  struct Parameters: Codable, Sendable { var stage: String }

  static let kind = "read"
  static let declared = JobKind(
    Declaration(kind, "Reads", parameters: [Parameter("stage", .text, "whose gate it waits at", isRequired: true)]),
    ReadingJob.init)
  private let stage: String

  init(_ parameters: Parameters) { stage = parameters.stage }

  func prepared(_ preparation: JobPreparation) async throws -> ReadingJob {
    let stage = Stage.named(stage)
    stage?.open("reading")
    await stage?.pass("read")
    try Task.checkCancellation()
    return self
  }

  func run(in context: any JobHost) async throws -> Int { 1 }
}
