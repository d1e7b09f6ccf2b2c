/// A run as `GET /v1/runs` lists it: the job, and what it left.
public struct RunSummary: Codable, Sendable, Equatable {
  public var job: JobSummary
  /// The names of the files in its folder.
  public var files: [String]
  public var bytes: Int

  public init(job: JobSummary, files: [String], bytes: Int) {
    self.job = job
    self.files = files
    self.bytes = bytes
  }

  private enum Key: String, CodingKey { case files, bytes }

  /// The members of the job stand beside those of the run.
  public init(from decoder: any Decoder) throws {
    job = try JobSummary(from: decoder)
    let container = try decoder.container(keyedBy: Key.self)
    files = try container.decode([String].self, forKey: .files)
    bytes = try container.decode(Int.self, forKey: .bytes)
  }

  public func encode(to encoder: any Encoder) throws {
    try job.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(files, forKey: .files)
    try container.encode(bytes, forKey: .bytes)
  }
}

/// The body of `GET /v1/runs`, newest first.
public struct RunList: Codable, Sendable, Equatable {
  public var runs: [RunSummary]

  public init(runs: [RunSummary]) { self.runs = runs }
}
