import ArgumentParser
import Files

/// The files that `--output` and its like name, looked at before the work that their content takes.
struct OutputFiles {
  private let goesToStandardOutput: Bool

  /// - Throws: `FilesError` when nothing can be written to one of them, and `ValidationError` when two results would go to the
  ///   same place.
  init(_ paths: String..., besides printing: OutputOptions) throws {
    for path in paths { try AtomicFile.requireWritable(file: path) }
    guard Set(paths).count == paths.count else {
      throw ValidationError("\(paths[0]) is named for two results; name two files.")
    }
    let standard = paths.filter(AtomicFile.isStandardOutput)
    if let path = standard.first, printing.json || standard.count > 1 {
      let other = printing.json ? "--json" : standard[1]
      throw ValidationError("\(other) and \(path) both write to standard output; leave one of them out.")
    }
    goesToStandardOutput = !standard.isEmpty
  }

  /// Prints the result, on standard error when a file itself has gone to standard output.
  func print(_ value: some Encodable, _ printing: OutputOptions, text: () -> String) throws {
    guard goesToStandardOutput else { return try printing.print(value, text: text) }
    StandardError.write(text() + "\n")
  }
}
