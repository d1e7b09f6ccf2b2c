import BenchAPI
import Files
import Foundation
import Twin

/// The calibration in force, kept in the state folder and bound to the bench description it was made for.
struct CalibrationStore: Sendable {
  private struct Record: Codable {
    var description: TwinDescription
    var parameters: TwinParameters
    var date: Date
  }

  private let file: StateFile

  /// - Parameter state: the state folder.
  init(state: URL) { file = StateFile(path: state.appendingPathComponent("calibration.state").path, schema: 1) }

  /// The calibrated parameters of this bench; nil when it was never calibrated, or when it has changed since.
  func load(for description: TwinDescription) throws -> TwinParameters? {
    guard file.exists else { return nil }
    let record = try APICoding.decode(Record.self, from: Data(file.load().bytes))
    return record.description == description ? record.parameters : nil
  }

  func save(_ parameters: TwinParameters, for description: TwinDescription, date: Date) throws {
    let record = Record(description: description, parameters: parameters, date: date)
    try file.save([UInt8](APICoding.encode(record)))
  }
}

extension JobContext {
  /// The state folder of the service.
  private var state: URL { directory.deletingLastPathComponent().deletingLastPathComponent() }

  var calibrations: CalibrationStore { CalibrationStore(state: state) }

  /// The parameters in force: calibrated when they were, else as the bench file says.
  func presentParameters() throws -> TwinParameters {
    try calibrations.load(for: bench.file.twin) ?? bench.file.parameters
  }

  /// The folder of another job.
  func run(_ id: String) -> URL { directory.deletingLastPathComponent().appendingPathComponent(id) }
}
