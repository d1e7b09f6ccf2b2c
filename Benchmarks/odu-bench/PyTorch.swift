import Foundation

/// A process that does the work in PyTorch, one request after the other.
final class PyTorch {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private struct Request: Encodable {
    var kind: String
    var size: Int
    var padding: Int
    var batch: Int
    var threads: Int
    var seconds: Double?
    var steps: Int?
  }

  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var pending = Data()

  /// - Parameter environment: added to this process's own.
  init(python: String, script: String, environment: [String: String] = [:]) throws {
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = requests
    process.standardOutput = answers
    try process.run()
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func version() throws -> String {
    struct Answer: Decodable {
      var torch: String
      var mkl: Bool
    }
    let work = Work(size: 16, padding: 1, threads: 1)
    let answer: Answer = try ask("versions", work)
    return "\(answer.torch) (\(answer.mkl ? "MKL" : "without MKL"))"
  }

  /// The losses before each of the first steps.
  func losses(_ work: Work, steps: Int) throws -> [Double] {
    struct Answer: Decodable {
      var losses: [Double]
    }
    let answer: Answer = try ask("losses", work, steps: steps)
    return answer.losses
  }

  /// The least time that a batch takes, in seconds.
  func time(_ kind: Kind, _ work: Work, seconds: Double) throws -> Double {
    struct Answer: Decodable {
      var seconds: Double
    }
    let answer: Answer = try ask(kind.rawValue, work, seconds: seconds)
    return answer.seconds
  }

  private func ask<Answer: Decodable>(
    _ kind: String, _ work: Work, seconds: Double? = nil, steps: Int? = nil
  ) throws -> Answer {
    let request = Request(
      kind: kind, size: work.size, padding: work.padding, batch: work.batch, threads: work.threads, seconds: seconds,
      steps: steps)
    try requests.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Data(pending[pending.startIndex..<end])
        pending = Data(pending[(end + 1)...])
        return try JSONDecoder().decode(Answer.self, from: line)
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else {
        throw Failure(description: "the PyTorch process ended during '\(kind)'; its message is above")
      }
      pending += more
    }
  }
}
