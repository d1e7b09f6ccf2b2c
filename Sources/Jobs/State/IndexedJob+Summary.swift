import BenchAPI
import Foundation
import Records

extension IndexedJob {
  /// - Parameter stamp: of the job's record as it is on the disk; nil when it is not.
  package init(_ summary: JobSummary, result: JSONValue? = nil, stamp: String? = nil) throws {
    self.init(
      id: summary.id, hasEnded: summary.state.isTerminal, summary: try Self.text(summary),
      result: try result.map { try Self.text($0) }, stamp: stamp)
  }

  /// The job as lists show it.
  package func shown() throws -> JobSummary { try APICoding.decode(JobSummary.self, from: Data(summary.utf8)) }

  /// The job with what it answered.
  func head() throws -> JobHead {
    JobHead(
      summary: try shown(), result: try result.map { try APICoding.decode(JSONValue.self, from: Data($0.utf8)) })
  }

  private static func text(_ value: some Encodable) throws -> String {
    String(decoding: try APICoding.encode(value), as: UTF8.self)
  }
}

extension ModelRecord {
  init(_ model: ModelSummary) {
    self.init(
      id: model.id, date: model.date, run: model.run, mode: model.mode, dataset: model.dataset, error: model.error,
      frames: model.frames, seed: model.seed, calibration: model.calibration, software: model.software)
  }
}

extension ModelSummary {
  package init(_ model: ModelRecord) {
    self.init(
      id: model.id, date: model.date, run: model.run, mode: model.mode, dataset: model.dataset, error: model.error,
      frames: model.frames, seed: model.seed, calibration: model.calibration, software: model.software)
  }
}
