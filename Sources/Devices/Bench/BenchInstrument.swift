import Measuring

/// A bench's devices for work below ``Bench``: single patterns on a named modulator, raw frames with their times, dark frames,
/// and what the camera can do. Calibration routines and a person at the table use it; nothing is matched or averaged here.
///
/// It takes the devices from the unit: what it shows ends the unit's measuring, and the unit starts again by
/// ``BenchUnit/start()``. One task uses it at a time.
public struct BenchInstrument: Sendable {
  let unit: any BenchUnit
  public let modulators: [any SpatialLightModulator]
  public let camera: any Camera
  public let clock: any BenchClock
  private let witness: (any BenchWitness)?

  /// - Parameter witness: learns of every pattern and frame, as it learns of those of the unit.
  public init(
    unit: any BenchUnit, modulators: [any SpatialLightModulator], camera: any Camera, clock: any BenchClock,
    witness: (any BenchWitness)? = nil
  ) {
    self.unit = unit
    self.modulators = modulators
    self.camera = camera
    self.clock = clock
    self.witness = witness
  }

  // MARK: - Patterns

  /// The modulator of that name; the first one when nil.
  /// - Throws: ``BenchError/unknownModulator(name:known:)``.
  public func modulator(_ name: String? = nil) throws -> any SpatialLightModulator {
    guard let modulator = modulators.first(where: { name == nil || $0.description.name == name }) else {
      throw BenchError.unknownModulator(name: name ?? "", known: modulators.map(\.description.name))
    }
    return modulator
  }

  /// Leaves a pattern on a modulator, and the safe one on the others. The safe one is on all of them when it fails.
  ///
  /// - Parameter name: the modulator's; the first one when nil.
  /// - Returns: when the pattern reached the panel. It is at rest after the panel's scan-out, latency and settle time.
  @discardableResult
  public func show(_ pattern: Pattern, on name: String? = nil) async throws -> PresentationReceipt {
    try await show([(pattern, modulator(name))])
  }

  /// Leaves patterns on several modulators at once, and the safe ones on the others.
  ///
  /// - Returns: when the one that was the last to be shown reached its panel.
  @discardableResult
  func show(_ patterns: [(Pattern, any SpatialLightModulator)]) async throws -> PresentationReceipt {
    try await unit.stop()
    do {
      var receipts: [PresentationReceipt] = []
      for (pattern, modulator) in patterns { receipts.append(try await present(pattern, on: modulator)) }
      guard let last = receipts.max(by: { $0.latest < $1.latest }) else {
        throw BenchError.unknownModulator(name: "", known: modulators.map(\.description.name))
      }
      return last
    } catch {
      for (_, modulator) in patterns { try? await showSafePattern(on: modulator) }
      throw error
    }
  }

  private func present(_ pattern: Pattern, on modulator: any SpatialLightModulator) async throws -> PresentationReceipt
  {
    let handles = try await modulator.upload([pattern])
    let shown: Result<PresentationReceipt, any Error>
    do {
      guard let handle = handles.first else {
        throw DeviceError.unknownPattern(device: modulator.description.name)
      }
      shown = .success(try await modulator.show(handle))
    } catch {
      shown = .failure(error)
    }
    await modulator.release(handles)
    let receipt = try shown.get()
    witness?.saw(pattern, on: modulator.description.name, receipt)
    return receipt
  }

  /// Leaves the safe patterns on all modulators.
  public func showSafePatterns() async throws {
    try await unit.stop()
    for modulator in modulators { try await showSafePattern(on: modulator) }
  }

  private func showSafePattern(on modulator: any SpatialLightModulator) async throws {
    // A task of its own, so that a driver sees no cancellation and does what keeps the bench safe.
    try await Task { try await modulator.showSafePattern() }.value
    witness?.sawSafePattern(on: modulator.description.name)
  }

  // MARK: - Frames

  /// Raw frames, and what the camera had in force while it took them.
  public struct Series: Sendable {
    public var frames: [Frame]
    public var settings: CameraSettings
  }

  /// The next frames, whatever is on the panels, as the sensor delivers them.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - settings: are applied before, as far as the camera can, and those of before afterwards; none when nil.
  ///   - start: no frame is taken whose exposure began earlier, in nanoseconds on the bench's clock; now when nil. What is
  ///     earlier reaches back only as far as the camera's buffers, and only inside ``whileExposing(_:)``.
  /// - Throws: `DeviceError`, and `CancellationError`.
  public func expose(_ count: Int = 1, with settings: CameraSettings? = nil, from start: UInt64? = nil) async throws
    -> Series
  {
    guard let settings else { return try await whileExposing { try await take(count, from: start ?? clock.now) } }
    let before = await camera.settings
    let outcome: Result<Series, any Error>
    do {
      _ = try await camera.apply(settings)
      outcome = .success(try await whileExposing { try await take(count, from: max(start ?? 0, clock.now)) })
    } catch {
      outcome = .failure(error)
    }
    // A task of its own: a cancelled series must not leave its settings to whoever measures next.
    let restored = await Task { try await camera.apply(before) }.result
    let series = try outcome.get()
    _ = try restored.get()
    return series
  }

  /// The next frame, whatever is on the panels.
  public func frame() async throws -> Frame {
    let series = try await expose()
    guard let frame = series.frames.first else { throw DeviceError.noFrame(device: camera.description.name) }
    return frame
  }

  /// Frames with the safe patterns on all modulators. Light that a safe pattern lets through is in them, so that a bench
  /// whose input modulator cannot be dark needs its laser switched off.
  public func exposeDark(_ count: Int = 1, with settings: CameraSettings? = nil) async throws -> Series {
    try await showSafePatterns()
    return try await expose(count, with: settings)
  }

  /// Keeps the camera running until `body` returns, so that no frame is lost between one series and the next.
  public func whileExposing<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    guard await camera.state != .running else { return try await body() }
    try await camera.start()
    do {
      let value = try await body()
      await camera.stop()
      return value
    } catch {
      await camera.stop()
      throw error
    }
  }

  private func take(_ count: Int, from start: UInt64) async throws -> Series {
    let settings = await camera.settings
    let patience = nanoseconds(Self.patience + 2 * settings.exposure)
    var frames: [Frame] = []
    frames.reserveCapacity(count)
    var deadline = max(clock.now, start) + patience
    while frames.count < count {
      try Task.checkCancellation()
      let frame = try await camera.nextFrame(deadline: deadline)
      if frame.exposureStart >= start {
        witness?.saw(frame)
        frames.append(frame)
        deadline = clock.now + patience
      } else if clock.now >= deadline {
        throw DeviceError.noFrame(device: camera.description.name)
      }
    }
    return Series(frames: frames, settings: settings)
  }

  /// Seconds that a frame may take beside its exposure.
  private static let patience = 2.0
}
