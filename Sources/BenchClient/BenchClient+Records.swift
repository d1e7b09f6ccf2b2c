import BenchAPI

// Single records; the lists are beside them.
extension BenchClient {
  public func calibration(_ id: String) async throws -> CalibrationSummary {
    try await get("calibrations/\(escape(id))")
  }

  public func summary(ofModel id: String) async throws -> ModelSummary { try await get("models/\(escape(id))") }
}
