import BenchAPI

// Single records; the lists are beside them.
extension BenchClient {
  public func calibration(_ id: String) async throws -> CalibrationSummary {
    try await get("calibrations/\(escape(id))")
  }

  /// Everything that can be asked for by name.
  public func kinds() async throws -> KindsResponse { try await get("kinds") }

  public func summary(ofModel id: String) async throws -> ModelSummary { try await get("models/\(escape(id))") }
}
