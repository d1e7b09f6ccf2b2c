import Measuring

/// Which of a bench's modulators is meant. A bench that has one for both shows images on that of the layers.
public enum ModulatorRole: String, Sendable, Codable, CaseIterable {
  case layers, input
}

/// One thing that is done with a bench below its unit: something is shown, and frames are taken of it as the sensor delivers them.
public struct RawStep: Sendable, Equatable {
  /// What is on the panels.
  public enum Shown: Sendable, Equatable {
    /// The safe patterns on all of them.
    case dark
    /// One grey level on a whole panel, and the safe patterns on the others.
    case level(UInt8, on: ModulatorRole)
    /// A pattern of the panel's size, and the safe patterns on the others.
    case pattern(Pattern, on: ModulatorRole)
    /// A pattern on each of two panels, of its size.
    case patterns(layers: Pattern, input: Pattern)
  }

  public var shown: Shown
  /// Seconds from the time that a pattern has reached its panel, scan-out included, until the panel is at rest. No frame whose exposure begins earlier counts.
  public var rest: Double
  /// What the camera is asked for; what is in force when nil.
  public var settings: CameraSettings?
  public var frames: Int

  public init(_ shown: Shown, rest: Double = 0, settings: CameraSettings? = nil, frames: Int) {
    self.shown = shown
    self.rest = rest
    self.settings = settings
    self.frames = frames
  }
}

/// What came of a raw step.
public struct RawFrames: Sendable, Equatable {
  /// When the pattern was on its panel, and how that is known; nil in the dark.
  public var presented: UInt64?
  public var evidence: PresentationEvidence?
  /// What the camera had in force while it took the frames.
  public var settings: CameraSettings
  public var frames: [Frame]

  public init(
    presented: UInt64? = nil, evidence: PresentationEvidence? = nil, settings: CameraSettings, frames: [Frame]
  ) {
    self.presented = presented
    self.evidence = evidence
    self.settings = settings
    self.frames = frames
  }

  /// Without the frames that the driver knows to be wrong, and those that were delivered again.
  public var sound: RawFrames {
    var (sound, seen) = (self, Set<UInt64>())
    sound.frames = frames.filter { $0.flags.isEmpty && seen.insert($0.sequence).inserted }
    return sound
  }
}

/// What a camera says of itself, and how large the panels are that it sees.
public struct CameraFacts: Sendable, Codable, Equatable {
  /// Pixels of a modulator.
  public struct Panel: Sendable, Codable, Equatable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  public var description: CameraDescription
  public var limits: CameraLimits
  /// What was in force before the first step.
  public var settings: CameraSettings
  /// That of the layers first; nil in recordings of earlier versions.
  public var panels: [Panel]?

  public init(
    description: CameraDescription, limits: CameraLimits, settings: CameraSettings, panels: [Panel]? = nil
  ) {
    self.description = description
    self.limits = limits
    self.settings = settings
    self.panels = panels
  }
}

/// A bench for raw steps: its devices, or a recording of them.
public protocol RawBench: Sendable {
  var facts: CameraFacts { get async throws }

  func take(_ step: RawStep) async throws -> RawFrames

  /// Has the unit measure again, once the steps are done.
  func finish() async throws
}

extension BenchInstrument: RawBench {
  public var facts: CameraFacts {
    get async {
      CameraFacts(
        description: camera.description, limits: await camera.limits, settings: await camera.settings,
        panels: modulators.map {
          CameraFacts.Panel(width: $0.description.width, height: $0.description.height)
        })
    }
  }

  public func take(_ step: RawStep) async throws -> RawFrames {
    let receipt = try await show(step.shown)
    // No receipt says when the panels became dark; they had begun to change when this returned.
    let scanOut = modulators.map(\.description.scanOut).max() ?? 0
    let rest = (receipt?.latest ?? clock.now).addingReportingOverflow(nanoseconds(scanOut + step.rest))
    let series = try await expose(step.frames, with: step.settings, from: rest.overflow ? .max : rest.partialValue)
    return RawFrames(
      presented: receipt?.time, evidence: receipt?.evidence, settings: series.settings, frames: series.frames)
  }

  private func show(_ shown: RawStep.Shown) async throws -> PresentationReceipt? {
    switch shown {
    case .dark:
      try await showSafePatterns()
      return nil
    case .level(let level, let role):
      let panel = try modulator(in: role).description
      return try await show(Pattern(width: panel.width, height: panel.height, level: level), on: panel.name)
    case .pattern(let pattern, let role): return try await show(pattern, on: modulator(in: role).description.name)
    case .patterns(let layers, let input):
      return try await show([(layers, modulator(in: .layers)), (input, modulator(in: .input))])
    }
  }

  /// The modulator of images is the last one; a bench may have one for both.
  private func modulator(in role: ModulatorRole) throws -> any SpatialLightModulator {
    let modulator = role == .layers ? modulators.first : modulators.last
    guard let modulator else { throw BenchError.unknownModulator(name: role.rawValue, known: []) }
    return modulator
  }

  public func finish() async throws {
    try await showSafePatterns()
    try await unit.start()
  }
}
