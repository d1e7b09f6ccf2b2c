import Arrays
import Measuring

/// An optical denoising unit made of devices: it shows layers and images, and credits to each image the camera frame
/// that was exposed to it and to nothing else (see ``FrameMatcher``).
///
/// One measurement runs at a time; while an image is exposed, the next ones are uploaded. The layers stay on the panel
/// between measurements while they do not change. After an error and when the bench stops, the modulators show their
/// safe patterns. When a device is unplugged or fails in the middle of a measurement, the bench pauses, opens the device
/// again as soon as it is back, and continues with the first image that has no frame yet.
public actor Bench: OpticalUnit {
  /// Called after each matched frame with the number of images measured so far.
  public typealias Progress = @Sendable (Int) -> Void

  /// As the bench file states it.
  public nonisolated let layout: BenchLayout
  /// As it is known; what the layout states until something else was adopted.
  public internal(set) var known: BenchKnowledge
  public nonisolated let layerModulator: any SpatialLightModulator
  /// The same device as ``layerModulator`` when the layout puts the input there.
  public nonisolated let inputModulator: any SpatialLightModulator
  public nonisolated let camera: any Camera
  /// Camera pixels along each side of a detector sample.
  public nonisolated let detectorBlock: Int

  public private(set) var state = DeviceState.disconnected { didSet { if state != oldValue { observer?(state) } } }
  /// What became of the frames since the bench was made.
  public var report: MatchingReport { matcher.report }

  let clock: any BenchClock
  let watch: any DeviceWatch
  let encoder: PatternEncoder
  var matcher: FrameMatcher
  var shownLayers: (pattern: Pattern, receipt: PresentationReceipt)?
  private var observer: (@Sendable (DeviceState) -> Void)?
  var witness: (any BenchWitness)?

  /// - Parameters:
  ///   - inputModulator: the layer modulator when nil; the layout must say so, too.
  ///   - watch: tells when a device may be back after it was unplugged; the bench looks every second when nil.
  ///   - detectorBlock: camera pixels along each side of a detector sample, where a measurement does not say otherwise.
  /// - Throws: ``BenchError`` when the layout does not fit the devices.
  public init(
    layerModulator: any SpatialLightModulator, inputModulator: (any SpatialLightModulator)? = nil,
    camera: any Camera, clock: any BenchClock = MonotonicClock(), watch: (any DeviceWatch)? = nil, layout: BenchLayout,
    detectorBlock: Int = 1
  ) throws {
    guard layout.input.onLayerModulator == (inputModulator == nil) else {
      throw BenchError.invalidLayout(
        key: "input.onLayerModulator", value: "\(layout.input.onLayerModulator)",
        accepted: "true without a second modulator, false with one")
    }
    self.layerModulator = layerModulator
    self.inputModulator = inputModulator ?? layerModulator
    self.camera = camera
    self.clock = clock
    self.watch = watch ?? NoDeviceWatch(clock: clock)
    self.layout = layout
    known = BenchKnowledge(layout)
    self.detectorBlock = detectorBlock
    try layout.validate(
      layerModulator: layerModulator.description, inputModulator: self.inputModulator.description,
      camera: camera.description)
    encoder = PatternEncoder(layout: layout)
    matcher = FrameMatcher(
      blackLevel: UInt16(layout.timing.blackThreshold * Double(camera.description.fullScale)),
      rejectsIdenticalFrames: layout.timing.rejectsIdenticalFrames, distrustsGaps: camera.description.gapsAreFaults)
  }

  // MARK: - State

  /// Calls `observer` with every new state from now on; nobody when nil. Only with an observer does the bench wait for a
  /// device that is gone, since otherwise nobody would know why: it tries once to open it again, and then fails.
  public func observe(_ observer: (@Sendable (DeviceState) -> Void)?) { self.observer = observer }

  /// Has somebody look on from now on; nobody when nil.
  public func witness(_ witness: (any BenchWitness)?) { self.witness = witness }

  /// Shows the safe patterns and starts the camera. Also the way out of a fault. Pauses while a device is missing.
  public func start() async throws {
    guard !isBusy else { throw BenchError.busy }
    guard state != .ready else { return }
    state = .running
    do {
      try await recovering { _ in
        try await showSafePatterns()
        matcher.restart()
        try await camera.start()
      }
      state = .ready
    } catch {
      state = .fault("\(error)")
      throw error
    }
  }

  /// Stops the camera and leaves the safe patterns on the panels.
  /// - Throws: ``BenchError/busy`` during a measurement; cancel that first.
  public func stop() async throws {
    guard !isBusy else { throw BenchError.busy }
    state = .running
    var failure: (any Error)?
    do { try await showSafePatterns() } catch { failure = error }
    await camera.stop()
    state = .disconnected
    if let failure { throw failure }
  }

  /// Applies camera settings and returns those that are in force.
  public func apply(_ settings: CameraSettings) async throws -> CameraSettings {
    guard !isBusy else { throw BenchError.busy }
    return try await camera.apply(settings)
  }

  var isBusy: Bool {
    switch state {
    case .running, .paused: true
    case .disconnected, .ready, .fault: false
    }
  }

  /// Both panels show their safe patterns or were at least asked to, even when the measurement was cancelled.
  func showSafePatterns() async throws {
    matcher.expectNothing()
    let forgotten = shownLayers?.receipt.handle
    shownLayers = nil
    var outcome = Result<Void, any Error>.success(())
    for modulator in modulators {
      // A task of its own, so that a driver sees no cancellation and does what keeps the bench safe.
      do {
        try await Task { try await modulator.showSafePattern() }.value
        witness?.sawSafePattern(on: modulator.description.name)
      } catch {
        outcome = .failure(error)
      }
    }
    if let forgotten { await layerModulator.release([forgotten]) }
    try outcome.get()
  }

  var modulators: [any SpatialLightModulator] {
    layout.input.onLayerModulator ? [layerModulator] : [layerModulator, inputModulator]
  }

  // MARK: - Measuring

  /// The intensity at the detector as a fraction of full scale, averaged over blocks of `block`² pixels
  /// (``detectorBlock`` when nil).
  ///
  /// - Throws: ``BenchError`` for layers or images that do not fit and when no frame matches, `CancellationError`, and
  ///   what the drivers throw and opening the device again did not put right.
  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    try await measure(layers: layers, inputs: inputs, block: block, progress: nil)
  }

  /// ``measure(layers:inputs:block:)`` with a report of its progress.
  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?, progress: Progress?) async throws
    -> Measured
  {
    let readout = try RegionReadout(
      camera: known.camera, block: block ?? detectorBlock, fullScale: camera.description.fullScale,
      defects: known.defects)
    var values: [Float] = []
    values.reserveCapacity(inputs.count * readout.width * readout.height)
    var exposures: [Exposure] = []
    exposures.reserveCapacity(inputs.count)
    let before = matcher.report
    try await eachFrame(layers: layers, inputs: inputs, progress: progress) { matched in
      var exposure = matched.exposure
      exposure.clipped = readout.append(matched.frame, to: &values)
      exposures.append(exposure)
    }
    return Measured(
      intensities: Stack(count: inputs.count, height: readout.height, width: readout.width, values: values),
      saturation: Self.fullScale,
      exposures: Exposures(
        images: exposures, matching: matcher.report - before, settings: await camera.settings))
  }

  /// The intensity at which the camera clips.
  private static let fullScale: Float = 1

  /// The matched frame of each image, as the sensor delivered it.
  public func measureFrames(layers: Stack<Float>, inputs: Stack<Float>, progress: Progress? = nil) async throws
    -> [Frame]
  {
    var frames: [Frame] = []
    try await eachFrame(layers: layers, inputs: inputs, progress: progress) { frames.append($0.frame) }
    return frames
  }

  private func eachFrame(
    layers: Stack<Float>, inputs: Stack<Float>, progress: Progress?, _ body: (MatchedFrame) -> Void
  ) async throws {
    try layout.validate(layers: layers)
    try layout.validate(inputs: inputs)
    guard !isBusy else { throw BenchError.busy }
    guard state == .ready else { throw BenchError.notReady(state: state) }
    state = .running
    do {
      var done = 0
      try await recovering { advanced in
        try await run(layers: layers, inputs: inputs, from: done) { matched in
          body(matched)
          done += 1
          advanced()
          progress?(done)
        }
      }
      state = .ready
    } catch {
      await fail(with: error)
      throw error
    }
  }

  /// The safe patterns come first, whatever it was. The bench stays ready when nothing is wrong with its devices.
  private func fail(with error: any Error) async {
    let wasPaused = if case .paused = state { true } else { false }
    let safe: Void? = try? await showSafePatterns()
    switch error {
    case is CancellationError where wasPaused: state = .disconnected
    case is CancellationError where safe != nil, is BenchError where safe != nil: state = .ready
    default: state = .fault("\(error)")
    }
  }

  // MARK: - Pausing

  /// Does something with the devices, and again after each error that reopening a device may put right. `body` is
  /// given a function to call when it has made progress, since only failures without any progress between them are counted.
  private func recovering(_ body: (_ advanced: () -> Void) async throws -> Void) async throws {
    var failures = 0
    while true {
      do {
        return try await body { failures = 0 }
      } catch {
        failures += 1
        guard failures < Self.failuresInRow, let fault = fault(behind: error) else { throw error }
        try await reopen(after: fault)
      }
    }
  }

  /// Shows the safe patterns, then waits until the device is there again and opens it.
  private func reopen(after fault: DeviceError) async throws {
    state = .paused("\(fault)")
    try? await showSafePatterns()
    await camera.stop()
    let deadline = clock.now + (observer == nil ? 0 : nanoseconds(known.timing.reconnectDeadline))
    var pause = Self.shortestPause
    while true {
      try Task.checkCancellation()
      do {
        try await reconnect(fault.device)
        matcher.restart()
        try await camera.start()
        state = .running
        return
      } catch let error as DeviceError {
        guard clock.now < deadline else { throw error }
        state = .paused("\(error)")
        try await watch.waitForChange(until: min(deadline, clock.now + pause))
        pause = min(2 * pause, Self.longestPause)
      }
    }
  }

  /// Reopens the device of that name; every device when none has it.
  private func reconnect(_ name: String?) async throws {
    let panels = modulators.filter { $0.description.name == name }
    let isCamera = camera.description.name == name
    for panel in panels.isEmpty && !isCamera ? modulators : panels { try await panel.reconnect() }
    if isCamera || panels.isEmpty { try await camera.reconnect() }
  }

  /// What is wrong with a device, when reopening it may help: it said so itself, or the camera delivers nothing.
  private func fault(behind error: any Error) -> DeviceError? {
    switch error {
    case let error as DeviceError where error.mayRecover: error
    case BenchError.silentCamera(let camera, _, let silence):
      .failed(device: camera, operation: "the acquisition", reason: "no frame arrived for \(silence) s")
    default: nil
    }
  }

  /// So many failures without a single frame between them, and the bench gives up.
  private static let failuresInRow = 3
  /// Nanoseconds between attempts to open a device, when nothing tells that it is back.
  private static let shortestPause: UInt64 = 100_000_000
  private static let longestPause: UInt64 = 1_000_000_000
}
