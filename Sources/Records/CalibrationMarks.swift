import Files
import Foundation

/// Which calibration is in force, for each bench: a list of names, of which the first that is on the shelf counts. A
/// calibration that is prepared stands before the one that it will replace, so that it comes into force with its file.
struct CalibrationMarks {
  /// Stands for no calibration.
  static let none = ""
  /// Stands for one that nobody knows any more.
  static let unknown = "?"
  /// Stands for one that was taken out of force when an earlier calibration was restored, so that none is.
  static let retired = "-"

  /// Marks that are no names.
  static let noNames: Set = [none, unknown, retired]

  private let file: StateFile

  init(folder: String) { file = StateFile(path: folder + "/in-force.marks", schema: 1, limit: 16 << 20) }

  var exists: Bool { file.exists }

  /// - Throws: `FilesError` when both copies are damaged.
  func load() throws -> [String: [String]] {
    guard file.exists else { return [:] }
    let bytes = try file.load().bytes
    do {
      return try RecordCoding.decode([String: Names].self, from: Data(bytes)).mapValues(\.names)
    } catch {
      throw FilesError.malformed(file: file.path, place: "content", expected: "the names of calibrations by bench")
    }
  }

  func save(_ marks: [String: [String]]) throws { try file.saveFinal([UInt8](RecordCoding.encode(marks))) }

  /// A list, or a single name as earlier versions wrote it.
  private struct Names: Decodable {
    var names: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      names = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
    }
  }
}
