import ArgumentParser
import Diffusion
import Foundation

/// Which images to learn.
struct DatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "glyphs, mnist:DIR, idx:FILE or npy:FILE; add ,transpose for images stored by columns, as in EMNIST.",
      valueName: "source"))
  var dataset = "glyphs"
  @Option(help: ArgumentHelp("The classes to use, as in 0,1,2 (default: all).", valueName: "list"))
  var classes: String?

  func validate() throws {
    do {
      _ = try DatasetSource(parsing: dataset)
    } catch let error as DiffusionError {
      throw ValidationError(error.description)
    }
    _ = try classList()
  }

  /// The source with an absolute path, since the daemon has a working directory of its own.
  func source() throws -> DatasetSource {
    Self.absolute(try DatasetSource(parsing: dataset))
  }

  private static func absolute(_ source: DatasetSource) -> DatasetSource {
    func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }
    return switch source {
    case .glyphs: .glyphs
    case .mnist(let folder): .mnist(folder: absolute(folder))
    case .idx(let file): .idx(file: absolute(file))
    case .npy(let file): .npy(file: absolute(file))
    case .transposed(let source): .transposed(self.absolute(source))
    }
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
