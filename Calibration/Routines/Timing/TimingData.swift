import Devices

/// What was measured so far, sorted: for each scene what changes in it, and the samples of its changes.
struct TimingData: Sendable {
  /// A direction in which a panel changes.
  struct Direction: Hashable, Sendable {
    var scene: Int
    var rises: Bool
  }

  /// A change as it was taken.
  struct Change: Sendable {
    var direction: Direction
    var step: RawStep
    var exposure: Double
    /// Seconds from the start of the first frame's exposure until the presentation.
    var phase: Double
    var samples: [StepSample]
    /// Brightness of each frame as part of that at rest.
    var brightness: [Double]
  }

  let scenes: [TimingScene]
  let views: [ChangeView]
  let changes: [Change]

  /// - Throws: ``CalibrationError/unchanging(panel:)`` for a panel that changes nothing.
  init(_ measured: [AcquiredSteps], _ layout: BenchLayout) throws {
    guard let camera = measured.last?.camera else { throw CalibrationError.noDevices }
    let scenes = try TimingScene.scenes(layout, camera)
    let steps = measured.flatMap { zip($0.plan.steps, $0.taken).map { (step: $0, taken: $1.sound) } }
    // The darkness of this routine, not that of looks for light with other exposures.
    let dark = steps.last { $0.step.shown == .dark }?.taken.frames ?? []
    func still(_ scene: TimingScene, _ pattern: Pattern) -> [Frame] {
      steps.first { scene.isStill($0.step, pattern) }?.taken.frames ?? []
    }
    views = try scenes.map { scene in
      let (low, high) = (still(scene, scene.low), still(scene, scene.high))
      guard !dark.isEmpty, !low.isEmpty, !high.isEmpty else {
        throw DeviceError.noFrame(device: camera.description.name)
      }
      guard let view = ChangeView(dark: dark, before: low, after: high, camera: camera.description) else {
        throw CalibrationError.unchanging(panel: camera.panel(scene.role)?.name ?? scene.role.rawValue)
      }
      return view
    }
    self.scenes = scenes
    changes = steps.enumerated().compactMap { [views] index, entry in
      for (place, scene) in scenes.enumerated() {
        guard let rises = scene.rises(in: entry.step) else { continue }
        return Self.change(index, Direction(scene: place, rises: rises), entry.step, entry.taken, views[place])
      }
      return nil
    }
  }

  /// Both directions of every scene.
  var directions: [Direction] {
    scenes.indices.flatMap { scene in [true, false].map { Direction(scene: scene, rises: $0) } }
  }

  /// The first looks at a direction, each longer than the one before.
  func looks(at direction: Direction) -> [Change] {
    changes.filter { $0.direction == direction && $0.step.change?.delay == 0 }
  }

  func samples(_ direction: Direction) -> [StepSample] {
    changes.filter { $0.direction == direction }.flatMap(\.samples)
  }

  private static func change(
    _ index: Int, _ direction: Direction, _ step: RawStep, _ taken: RawFrames, _ view: ChangeView
  ) -> Change? {
    guard let presented = taken.latest, let first = taken.frames.first else { return nil }
    func since(_ time: UInt64) -> Double { Double(Int64(bitPattern: time &- presented)) * 1e-9 }
    var change = Change(
      direction: direction, step: step, exposure: taken.settings.exposure, phase: -since(first.exposureStart),
      samples: [], brightness: [])
    for frame in taken.frames {
      let readings = view.readings(of: frame)
      change.samples += readings.map { reading in
        StepSample(
          change: index, start: since(frame.exposureStart), exposure: taken.settings.exposure, row: reading.row,
          progress: direction.rises ? reading.progress : 1 - reading.progress, deviation: reading.deviation)
      }
      let sum = readings.reduce(0) { $0 + $1.brightness }
      change.brightness.append(sum / Double(max(1, readings.count)))
    }
    return change
  }

  // MARK: - Rest

  /// How far from its end a change counts as under way, in parts and in standard deviations.
  private static let (unrest, doubt) = (0.03, 5.0)

  /// Seconds after the presentation until which some frame saw a change under way; nil when the last frames of one still did, so that it
  /// is not known.
  func restless(_ direction: Direction) -> Double? {
    var latest = 0.0
    for change in looks(at: direction) {
      let ends = change.samples.filter { abs($0.progress - 1) > max(Self.unrest, Self.doubt * $0.deviation) }
        .map { $0.start + $0.exposure }
      let last = change.samples.map(\.start).max() ?? 0
      latest = ends.max() ?? 0
      if latest < last { return max(0, latest) }
    }
    return nil
  }
}

extension RawFrames {
  /// The latest time at which the pattern can have reached its panel; nil in the dark.
  fileprivate var latest: UInt64? {
    guard let presented, let evidence else { return presented }
    return PresentationReceipt(handle: PatternHandle(id: 0), time: presented, evidence: evidence).latest
  }
}
