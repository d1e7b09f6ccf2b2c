import Devices

/// Steps below the unit that a routine wants.
public struct RawPlan: AcquisitionPlan, Equatable {
  public var steps: [RawStep]

  public init(steps: [RawStep]) { self.steps = steps }

  public var frames: Int { steps.reduce(0) { $0 + $1.frames } }

  public func acquire(by acquisition: inout Acquisition, progress: (Int) -> Void) async throws -> AcquiredSteps {
    try await acquisition.steps(of: self, progress: progress)
  }
}

/// What came of raw steps.
public struct AcquiredSteps: Sendable, Equatable {
  public let plan: RawPlan
  /// What the camera said of itself before the first step.
  public let camera: CameraFacts
  /// One for each step.
  public let taken: [RawFrames]

  public init(plan: RawPlan, camera: CameraFacts, taken: [RawFrames]) {
    (self.plan, self.camera, self.taken) = (plan, camera, taken)
  }
}
