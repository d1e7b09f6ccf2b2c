import BenchAPI

/// Looking on, and what was done earlier.
extension BenchClient {
  // MARK: Looking on

  /// The newest camera frame that the daemon has seen: uint16 `[height, width]` as `.npy`, or an 8-bit PNG.
  public func latestFrame(as format: FrameFormat = .npy) async throws -> [UInt8] {
    try await send(.get, "camera/latest?format=\(format.rawValue)")
  }

  /// How the pixels of the newest frame are distributed.
  public func histogram() async throws -> FrameHistogram { try await get("camera/histogram") }

  /// What a modulator shows: uint8 `[height, width]` as `.npy`, or an 8-bit PNG.
  public func shownPattern(on device: String, as format: FrameFormat = .npy) async throws -> [UInt8] {
    try await send(.get, "modulators/\(escape(device))/pattern?format=\(format.rawValue)")
  }

  /// The daemon's counts in Prometheus' text format.
  public func metrics() async throws -> String {
    String(decoding: try await send(.get, "/metrics"), as: UTF8.self)
  }

  // MARK: Jobs and configuration

  /// Puts a job aside until it is resumed.
  public func pause(_ id: String) async throws -> JobSummary {
    try decode(await send(.post, "jobs/\(escape(id))/pause"))
  }

  /// Resumes a paused job.
  public func resume(_ id: String) async throws -> JobSummary {
    try decode(await send(.post, "jobs/\(escape(id))/resume"))
  }

  /// The bench file in force.
  public func configuration() async throws -> ConfigurationResponse { try await get("configuration") }

  /// Has the daemon read its bench file again.
  public func reload() async throws -> ConfigurationResponse { try decode(await send(.post, "configuration/reload")) }

  // MARK: What was done

  /// Newest first.
  public func calibrations() async throws -> [CalibrationSummary] {
    try await get("calibrations", as: CalibrationList.self).calibrations
  }

  /// Puts an earlier calibration in force again.
  public func restore(calibration id: String) async throws -> CalibrationSummary {
    try decode(await send(.post, "calibrations/\(escape(id))/restore"))
  }

  /// The bench with its calibrations as one bench file.
  public func exportedBench() async throws -> ExportedBench { try await get("calibrations/export") }

  /// Puts the calibrations that a bench file carries in force.
  ///
  /// - Parameter text: of the file.
  public func receive(calibrations text: [UInt8]) async throws -> [CalibrationSummary] {
    let list: CalibrationList = try decode(await send(.post, "calibrations", body: text))
    return list.calibrations
  }

  /// Newest first.
  public func models() async throws -> [ModelSummary] { try await get("models", as: ModelList.self).models }

  /// The bytes of a model's file.
  public func model(_ id: String) async throws -> [UInt8] { try await send(.get, "models/\(escape(id))/file") }

  /// Runs, newest first, older than one of them.
  public func runs(limit: Int = 50, before id: String? = nil) async throws -> [RunSummary] {
    let query = "limit=\(limit)" + (id.map { "&before=\(escape($0))" } ?? "")
    return try await get("runs?\(query)", as: RunList.self).runs
  }

  public func run(_ id: String) async throws -> RunSummary { try await get("runs/\(escape(id))") }

  /// Removes a run with all that it left.
  public func delete(run id: String) async throws { _ = try await send(.delete, "runs/\(escape(id))") }
}
