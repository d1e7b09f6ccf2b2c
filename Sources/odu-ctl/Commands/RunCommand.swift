import ArgumentParser
import BenchAPI
import Files
import Foundation
import JobKinds
import Jobs

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs one job from a file, as a task of a cluster.",
    discussion: """
      The file is JSON: {"kind": "train", "parameters": {…}, "bench": "paper-mplc", "output": "model"}. Kinds and parameters are \
      those of POST /v1/jobs. "bench" is a bench file or an installed profile ("simulated" when left out), "output" the folder \
      for the job's files. A job that needs no bench runs in this process, keeps its record and its checkpoint in \
      "checkpoints" (the output folder when left out), and resumes from there when the same command is run again, unless \
      "resume" is false. Paths are relative to the working directory.

      The exit status is 0 when the job is done, 75 when it was interrupted and resumes with the same command, 130 when it was \
      interrupted and starts over, 64 when the file is wrong, and 1 when the job failed.

      Example: odu-ctl run task.json
      """)

  @Argument(help: "The file that describes the job.", completion: .file())
  var file: String
  @OptionGroup var computing: ThreadsOption
  @OptionGroup var printing: OutputOptions

  func run() async throws {
    let task = try TaskFile.load(file)
    try AtomicFile.requireWritable(folder: task.output)
    let session = JobSession(
      bench: task.bench, threads: computing.threads, checkpoints: task.checkpoints, resumes: task.resume ?? true,
      interruptedStatus: try task.isResumable ? Self.resumable : JobSession.interrupted)
    let result = try await session.perform(task.request, output: task.output)
    try printing.print(result) { "\(task.kind): the files are in \(task.output)" }
  }

  /// `EX_TEMPFAIL` of sysexits(3): trying again is of use.
  static let resumable: Int32 = 75
}

/// A job as a file describes it.
struct TaskFile: Codable, Sendable {
  var kind: String
  var parameters: JSONValue?
  var bench: String?
  var output: String
  var checkpoints: String?
  var resume: Bool?

  var request: JobRequest { JobRequest(kind: kind, parameters: parameters ?? .object([:])) }

  /// Whether the same command continues what was interrupted.
  var isResumable: Bool {
    get throws {
      let routine = try JobCatalogue.standard.routine(for: request)
      return resume ?? true && !routine.needsBench && type(of: routine).checkpointFile != nil
    }
  }

  private enum CodingKeys: String, CodingKey, CaseIterable { case kind, parameters, bench, output, checkpoints, resume }

  /// - Throws: `ValidationError` that says what is wrong with the file.
  static func load(_ path: String) throws -> TaskFile {
    let bytes = try AtomicFile.read(path)
    do {
      try StrictJSON.check(bytes)
      if case .object(let members) = try APICoding.decode(JSONValue.self, from: Data(bytes)),
        let unknown = members.keys.sorted().first(where: { CodingKeys(stringValue: $0) == nil })
      {
        let known = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\(path): \(unknown): unknown; there are \(known)")
      }
      let task = try APICoding.decode(TaskFile.self, from: Data(bytes))
      _ = try JobCatalogue.standard.routine(for: task.request)
      return task
    } catch let error as ValidationError {
      throw error
    } catch {
      throw ValidationError("\(path): \(StandardError.text(of: error))")
    }
  }
}
