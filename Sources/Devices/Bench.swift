import Arrays
import Optics

/// An optical denoising unit made of devices: it shows layers and images, and credits to each image the camera frame
/// that was exposed to it and to nothing else (see ``FrameMatcher``).
///
/// One measurement runs at a time. The layers stay on the panel between measurements while they do not change. After an
/// error and when the bench stops, the modulators show their safe patterns.
public actor Bench: OpticalUnit {
  /// Called after each matched frame with the number of images measured so far.
  public typealias Progress = @Sendable (Int) -> Void

  public nonisolated let layout: BenchLayout
  public nonisolated let layerModulator: any SpatialLightModulator
  /// The same device as ``layerModulator`` when the layout puts the input there.
  public nonisolated let inputModulator: any SpatialLightModulator
  public nonisolated let camera: any Camera
  /// Camera pixels along each side of a detector sample.
  public nonisolated let detectorBlock: Int
  /// Full scale, at which the camera clips.
  public nonisolated var saturation: Float? { 1 }

  public private(set) var state = DeviceState.disconnected
  /// What became of the frames since the bench was made.
  public var report: MatchingReport { matcher.report }

  private let clock: any BenchClock
  private let encoder: PatternEncoder
  private var matcher: FrameMatcher
  private var shownLayers: (pattern: Pattern, receipt: PresentationReceipt)?

  /// - Parameters:
  ///   - inputModulator: the layer modulator when nil; the layout must say so, too.
  ///   - detectorBlock: camera pixels along each side of a detector sample, where a measurement does not say otherwise.
  /// - Throws: ``BenchError`` when the layout does not fit the devices.
  public init(
    layerModulator: any SpatialLightModulator, inputModulator: (any SpatialLightModulator)? = nil,
    camera: any Camera, clock: any BenchClock = MonotonicClock(), layout: BenchLayout, detectorBlock: Int = 1
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
    self.layout = layout
    self.detectorBlock = detectorBlock
    try layout.validate(
      layerModulator: layerModulator.description, inputModulator: self.inputModulator.description,
      camera: camera.description)
    encoder = PatternEncoder(layout: layout)
    matcher = FrameMatcher(
      blackLevel: UInt16(layout.timing.blackThreshold * Double(camera.description.fullScale)),
      rejectsIdenticalFrames: layout.timing.rejectsIdenticalFrames)
  }

  // MARK: - State

  /// Shows the safe patterns and starts the camera. Also the way out of a fault.
  public func start() async throws {
    guard state != .running else { throw BenchError.busy }
    guard state != .ready else { return }
    state = .running
    do {
      try await showSafePatterns()
      matcher.restart()
      try await camera.start()
      state = .ready
    } catch {
      state = .fault("\(error)")
      throw error
    }
  }

  /// Stops the camera and leaves the safe patterns on the panels.
  /// - Throws: ``BenchError/busy`` during a measurement; cancel that first.
  public func stop() async throws {
    guard state != .running else { throw BenchError.busy }
    state = .running
    await camera.stop()
    state = .disconnected
    try await showSafePatterns()
  }

  /// Applies camera settings and returns those that are in force.
  public func apply(_ settings: CameraSettings) async throws -> CameraSettings {
    guard state != .running else { throw BenchError.busy }
    return try await camera.apply(settings)
  }

  private func showSafePatterns() async throws {
    await forgetLayers()
    matcher.expectNothing()
    try await layerModulator.showSafePattern()
    if !layout.input.onLayerModulator { try await inputModulator.showSafePattern() }
  }

  // MARK: - Measuring

  /// The intensity at the detector as a fraction of full scale, averaged over blocks of `block`² pixels
  /// (``detectorBlock`` when nil).
  ///
  /// - Throws: ``BenchError`` for layers or images that do not fit and when no frame matches, `CancellationError`, and
  ///   what the drivers throw.
  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Stack<Float> {
    try await measure(layers: layers, inputs: inputs, block: block, progress: nil)
  }

  /// ``measure(layers:inputs:block:)`` with a report of its progress.
  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?, progress: Progress?) async throws
    -> Stack<Float>
  {
    let readout = try RegionReadout(
      region: layout.camera, block: block ?? detectorBlock, fullScale: camera.description.fullScale)
    var values: [Float] = []
    values.reserveCapacity(inputs.count * readout.width * readout.height)
    try await eachFrame(layers: layers, inputs: inputs, progress: progress) { readout.append($0, to: &values) }
    return Stack(count: inputs.count, height: readout.height, width: readout.width, values: values)
  }

  /// The matched frame of each image, as the sensor delivered it.
  public func measureFrames(layers: Stack<Float>, inputs: Stack<Float>, progress: Progress? = nil) async throws
    -> [Frame]
  {
    var frames: [Frame] = []
    try await eachFrame(layers: layers, inputs: inputs, progress: progress) { frames.append($0) }
    return frames
  }

  private func eachFrame(
    layers: Stack<Float>, inputs: Stack<Float>, progress: Progress?, _ body: (Frame) -> Void
  ) async throws {
    try layout.validate(layers: layers)
    try layout.validate(inputs: inputs)
    guard state != .running else { throw BenchError.busy }
    guard state == .ready else { throw BenchError.notReady(state: state) }
    state = .running
    do {
      try await run(layers: layers, inputs: inputs, progress: progress, body)
      state = .ready
    } catch {
      await recover(from: error)
      throw error
    }
  }

  private func recover(from error: any Error) async {
    let safe: Void? = try? await showSafePatterns()
    let harmless = error is CancellationError || error is BenchError
    state = harmless && safe != nil ? .ready : .fault("\(error)")
  }

  private func run(
    layers: Stack<Float>, inputs: Stack<Float>, progress: Progress?, _ body: (Frame) -> Void
  ) async throws {
    let panel = layerModulator.description
    var layerPattern = Pattern(width: panel.width, height: panel.height)
    encoder.draw(layers: layers, on: &layerPattern)
    let shared = layout.input.onLayerModulator
    let layersSettled = shared ? 0 : try await show(layers: layerPattern)
    let inputPanel = inputModulator.description
    let base = shared ? layerPattern : Pattern(width: inputPanel.width, height: inputPanel.height)

    for start in stride(from: 0, to: inputs.count, by: layout.timing.uploadCount) {
      try Task.checkCancellation()
      let chunk = start..<min(start + layout.timing.uploadCount, inputs.count)
      let patterns = chunk.map { index in
        var pattern = base
        encoder.draw(input: inputs, index: index, on: &pattern)
        return pattern
      }
      let handles = try await inputModulator.upload(patterns)
      do {
        for (index, handle) in zip(chunk, handles) {
          try Task.checkCancellation()
          let settled = try await max(layersSettled, show(input: handle))
          body(try await matchedFrame(input: index, settled: settled, light: expectsLight(inputs, index)))
          progress?(index + 1)
        }
      } catch {
        await inputModulator.release(handles)
        throw error
      }
      await inputModulator.release(handles)
    }
  }

  // MARK: - Patterns

  /// Puts the layers on the panel unless they are there, and returns the time from which on they are at rest.
  private func show(layers pattern: Pattern) async throws -> UInt64 {
    if let shownLayers, shownLayers.pattern == pattern { return settledLayers(shownLayers.receipt) }
    await forgetLayers()
    let handles = try await layerModulator.upload([pattern])
    guard let handle = handles.first else {
      throw DeviceError.unknownPattern(device: layerModulator.description.name)
    }
    do {
      let receipt = try await layerModulator.show(handle)
      shownLayers = (pattern, receipt)
      return settledLayers(receipt)
    } catch {
      await layerModulator.release([handle])
      throw error
    }
  }

  private func forgetLayers() async {
    guard let layers = shownLayers else { return }
    shownLayers = nil
    await layerModulator.release([layers.receipt.handle])
  }

  private func show(input handle: PatternHandle) async throws -> UInt64 {
    matcher.expectNothing()
    let receipt = try await inputModulator.show(handle)
    if layout.input.onLayerModulator { return settledLayers(receipt) }
    return receipt.latest + nanoseconds(layout.timing.inputLatency + layout.timing.inputSettle)
  }

  private func settledLayers(_ receipt: PresentationReceipt) -> UInt64 {
    receipt.latest + nanoseconds(layout.timing.layerLatency + layout.timing.layerSettle)
  }

  private func expectsLight(_ inputs: Stack<Float>, _ index: Int) -> Bool {
    let sum = inputs.values[inputs.range(ofPlane: index)].reduce(0, +)
    return Double(sum) >= layout.timing.lightThreshold * Double(inputs.planeSize)
  }

  // MARK: - Frames

  private func matchedFrame(input: Int, settled: UInt64, light: Bool) async throws -> Frame {
    let deadline = max(clock.now, settled) + nanoseconds(layout.timing.deadline)
    let before = matcher.report
    matcher.expect(FrameMatcher.Expectation(settled: settled, light: light))
    while clock.now < deadline {
      try Task.checkCancellation()
      let frame: Frame
      do {
        frame = try await camera.nextFrame(deadline: deadline)
      } catch DeviceError.noFrame {
        break
      }
      try check(frame)
      if matcher.judge(frame, now: clock.now) == .accepted { return frame }
    }
    throw BenchError.noMatchingFrame(
      input: input, deadline: layout.timing.deadline, seen: matcher.report - before)
  }

  private func check(_ frame: Frame) throws {
    let expected = camera.description
    guard frame.width == expected.width, frame.height == expected.height,
      frame.pixels.count == frame.width * frame.height
    else {
      throw DeviceError.wrongFrameSize(
        device: expected.name, expected: [expected.width, expected.height], found: [frame.width, frame.height])
    }
  }
}
