/// What a routine wants to be measured. ``FramePlan`` asks the unit, ``RawPlan`` works below it; a plan that needs both is made of these.
public protocol AcquisitionPlan: Sendable {
  /// What is measured for it.
  associatedtype Acquired: Sendable

  /// Frames that are taken when none has to be taken again.
  var frames: Int { get }

  /// - Parameter progress: how many frames there are.
  func acquire(by acquisition: inout Acquisition, progress: (Int) -> Void) async throws -> Acquired
}

extension FramePlan: AcquisitionPlan {
  public func acquire(
    by acquisition: inout Acquisition, progress: (Int) -> Void
  ) async throws -> AcquiredFrames {
    try await acquisition.frames(of: self, progress: progress)
  }
}
