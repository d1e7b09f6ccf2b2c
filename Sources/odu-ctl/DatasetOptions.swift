import ArgumentParser
import Datasets
import Foundation

/// Which images to learn.
struct DatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The images: \(DatasetFormats.standard.members.map(\.form).joined(separator: ", ")); add ,transpose for images stored "
        + "by columns, as in EMNIST.",
      valueName: "source"))
  var dataset = "glyphs"
  @Option(help: ArgumentHelp("The classes to use, as in 0,1,2 (default: all).", valueName: "list"))
  var classes: String?

  func validate() throws {
    do {
      _ = try DatasetSource(parsing: dataset)
    } catch let error as DatasetError {
      throw ValidationError(error.description)
    }
    _ = try classList()
  }

  /// The source with an absolute path, since the daemon has a working directory of its own.
  func source() throws -> DatasetSource {
    var source = try DatasetSource(parsing: dataset)
    if source.format.place != nil { source.place = URL(fileURLWithPath: source.place).path }
    return source
  }

  func classList() throws -> [Int]? {
    try classes?.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let number = Int(word), (0...255).contains(number) else {
        throw ValidationError("--classes takes numbers from 0 to 255 with commas between, not \"\(classes ?? "")\".")
      }
      return number
    }
  }
}
