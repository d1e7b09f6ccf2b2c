import ArgumentParser
import BenchClient

/// A file that a command wrote.
struct WrittenFile: Encodable {
  var output: String
  var bytes: Int
}

/// The format that the end of a file's name asks for.
func pictureFormat(of path: String) throws -> BenchClient.FrameFormat {
  if path.hasSuffix(".npy") { return .npy }
  guard path.hasSuffix(".png") else {
    throw ValidationError("--output must end in .npy or .png, not \(path).")
  }
  return .png
}
