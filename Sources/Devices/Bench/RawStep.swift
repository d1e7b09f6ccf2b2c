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
  }

  /// A change of what a panel shows.
  public struct Change: Sendable, Equatable {
    /// What the panel shows before, at rest.
    public var before: Pattern
    /// Seconds from the start of an exposure until the change is asked for: the part of a frame's period after which it happens.
    public var delay: Double

    public init(from before: Pattern, after delay: Double = 0) {
      self.before = before
      self.delay = delay
    }
  }

  public var shown: Shown
  /// What the other modulator shows meanwhile; its safe pattern when nil.
  public var beside: Pattern?
  /// When frames are wanted that are taken while what is shown replaces something else. They begin with the one that was exposed
  /// when the pattern reached its panel, and `rest` is then that of the pattern before.
  public var change: Change?
  /// Seconds from the time that a pattern has reached its panel, scan-out included, until the panel is at rest. No frame whose exposure begins earlier counts.
  public var rest: Double
  /// What the camera is asked for; what is in force when nil.
  public var settings: CameraSettings?
  public var frames: Int

  public init(
    _ shown: Shown, beside: Pattern? = nil, change: Change? = nil, rest: Double = 0, settings: CameraSettings? = nil,
    frames: Int
  ) {
    self.shown = shown
    self.beside = beside
    self.change = change
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

/// What a camera says of itself, and which panels are before it.
public struct CameraFacts: Sendable, Codable, Equatable {
  public var description: CameraDescription
  public var limits: CameraLimits
  /// What was in force before the first step.
  public var settings: CameraSettings
  /// The modulators, that of the layers first; nil in recordings that do not say.
  public var panels: [ModulatorDescription]?

  public init(
    description: CameraDescription, limits: CameraLimits, settings: CameraSettings,
    panels: [ModulatorDescription]? = nil
  ) {
    self.description = description
    self.limits = limits
    self.settings = settings
    self.panels = panels
  }

  /// The panel of a role; a bench may have one for both.
  public func panel(_ role: ModulatorRole) -> ModulatorDescription? {
    role == .layers ? panels?.first : panels?.last
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
        panels: modulators.map(\.description))
    }
  }

  public func take(_ step: RawStep) async throws -> RawFrames {
    if let change = step.change { return try await take(step, change) }
    let receipt = try await show(step)
    let series = try await expose(step.frames, with: step.settings, from: atRest(receipt, step.rest))
    return RawFrames(
      presented: receipt?.time, evidence: receipt?.evidence, settings: series.settings, frames: series.frames)
  }

  private func take(_ step: RawStep, _ change: RawStep.Change) async throws -> RawFrames {
    guard let (pattern, panel) = try content(of: step.shown) else {
      throw BenchError.unknownModulator(name: "", known: modulators.map(\.description.name))
    }
    let before = try await show(change.before, on: panel.name, beside: step.beside)
    let (receipt, series) = try await exposeChange(
      to: pattern, on: panel.name, after: change.delay, frames: step.frames, with: step.settings,
      from: atRest(before, step.rest))
    return RawFrames(
      presented: receipt.time, evidence: receipt.evidence, settings: series.settings, frames: series.frames)
  }

  /// When everything is at rest. No receipt says when panels became dark; they had begun to change when that returned.
  private func atRest(_ receipt: PresentationReceipt?, _ rest: Double) -> UInt64 {
    let scanOut = modulators.map(\.description.scanOut).max() ?? 0
    let (sum, overflows) = (receipt?.latest ?? clock.now).addingReportingOverflow(nanoseconds(scanOut + rest))
    return overflows ? .max : sum
  }

  private func show(_ step: RawStep) async throws -> PresentationReceipt? {
    guard let (pattern, panel) = try content(of: step.shown) else {
      try await showSafePatterns()
      return nil
    }
    return try await show(pattern, on: panel.name, beside: step.beside)
  }

  /// Nil for the safe patterns.
  private func content(of shown: RawStep.Shown) throws -> (Pattern, ModulatorDescription)? {
    switch shown {
    case .dark: return nil
    case .level(let level, let role):
      let panel = try modulator(in: role).description
      return (Pattern(width: panel.width, height: panel.height, level: level), panel)
    case .pattern(let pattern, let role): return (pattern, try modulator(in: role).description)
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
