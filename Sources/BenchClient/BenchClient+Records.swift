import BenchAPI

// Single records; the lists are beside them.
extension BenchClient {
  public func calibration(_ id: String) async throws -> CalibrationSummary {
    try await get("calibrations/\(escape(id))")
  }

  /// What is to be calibrated, in which order.
  ///
  /// - Parameters:
  ///   - again: routines that run also when what they find is in force.
  ///   - without: routines that do not run.
  public func calibrationPlan(
    again: [String] = [], without: [String] = []
  ) async throws -> CalibrationPlanResponse {
    let query = [("again", again), ("without", without)].filter { !$0.1.isEmpty }.map { name, routines in
      name + "=" + routines.map(escape).joined(separator: ",")
    }
    return try await get("calibrations/plan" + (query.isEmpty ? "" : "?") + query.joined(separator: "&"))
  }

  /// How far the bench has drifted away from its twin.
  public func drift() async throws -> DriftResponse { try await get("drift") }

  /// Everything that can be asked for by name.
  public func kinds() async throws -> KindsResponse { try await get("kinds") }

  public func summary(ofModel id: String) async throws -> ModelSummary { try await get("models/\(escape(id))") }
}
