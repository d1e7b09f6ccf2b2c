import Files

/// Which part of a dataset is meant.
public enum DatasetSplit: String, Sendable, Codable, CaseIterable {
  case train
  case test
  /// Both.
  case all
}

extension DatasetSplit {
  /// The images of one file that belong to the part: the first nine tenths are for training, the rest, two at least, for
  /// tests.
  func range(of count: Int, file: String) throws -> Range<Int> {
    // Errors are judged against the spread of the images, for which it takes two.
    let edge = count < 10 ? count : count - max(2, count / 10)
    if self == .test, edge == count {
      throw FilesError.malformed(
        file: file, place: "images",
        expected: "at least 10, of which the last tenth, two at least, is for tests, found \(count)")
    }
    switch self {
    case .train: return 0..<edge
    case .test: return edge..<count
    case .all: return 0..<count
    }
  }
}
