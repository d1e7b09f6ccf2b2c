import Arrays
import Concurrency
import Devices
import Foundation
import Measuring

/// A simulated camera that runs freely on the virtual clock: frame k is exposed from k periods on, whatever the
/// modulators do.
public final class SimulatedCamera: Camera {
  public let description: CameraDescription

  private struct Storage {
    var state = DeviceState.ready
    var settings: CameraSettings
    /// The frame number at the start, and the next one to be delivered.
    var first: UInt64 = 0
    var next: UInt64 = 0
    /// A frame to be delivered once more.
    var again: Frame?
    var lastPixels: [UInt16]?
    var isHung = false
    /// What the automatic gain has made of the signal.
    var automaticGain = 1.0
    /// When the camera is plugged in again.
    var back: UInt64?
  }

  /// The faults as places in the random numbers of a frame.
  private enum Fault: UInt64 { case dropped, duplicated, stale, black, erroneous, late, torn, hung, disconnected }

  private let sensor: Sensor
  private let faults: FrameFaults
  private let faultRandom: CounterRandom
  private let clock: VirtualClock
  private let period: UInt64
  /// Nanoseconds from the exposure of a row to that of the next one.
  private let rowDelay: Double
  private let table: OpticalTable
  private let layerPanel: SimulatedModulator
  /// The layer panel itself when both share one.
  private let inputPanel: SimulatedModulator
  private let storage: Locked<Storage>

  init(
    configuration: SimulatedConfiguration, clock: VirtualClock, table: OpticalTable, layerPanel: SimulatedModulator,
    inputPanel: SimulatedModulator
  ) {
    let camera = configuration.camera
    description = CameraDescription(
      name: "simulated camera", driver: SimulatedBench.driverName, width: camera.width, height: camera.height,
      bitDepth: camera.bits, frameRate: camera.frameRate, gapsAreFaults: false)
    sensor = Sensor(
      settings: camera, noise: configuration.noise, defects: configuration.pixels, seed: configuration.seed,
      gain: configuration.imaging.gain,
      offset: configuration.imaging.offset)
    faults = configuration.faults
    faultRandom = CounterRandom(seed: configuration.seed).stream(named: "frame faults")
    self.clock = clock
    self.table = table
    self.layerPanel = layerPanel
    self.inputPanel = inputPanel
    period = nanoseconds(1 / camera.frameRate)
    rowDelay = camera.rowDelay * 1e9
    storage = Locked(Storage(settings: CameraSettings(exposure: camera.exposure)))
    clock.register(settling: 0) { [weak self] in self?.rest() }
  }

  /// The camera is stopped, and nothing is left of its frames and faults.
  private func rest() { storage.withLock { $0 = Storage(settings: $0.settings) } }

  public var state: DeviceState {
    get async { storage.withLock { $0.state } }
  }

  /// Which pixels are hot, and which are dead; for tests only: calibration must find them.
  package var defects: (hot: [PanelPoint], dead: [PanelPoint]) { (sensor.map?.hot ?? [], sensor.map?.dead ?? []) }

  public var serial: String? { get async { sensor.settings.serial } }

  public var settings: CameraSettings {
    get async { storage.withLock { $0.settings } }
  }

  public var limits: CameraLimits {
    get async { CameraLimits(exposure: Self.shortest...max(Self.shortest, Double(period) * 1e-9), gain: Self.gains) }
  }

  /// Seconds: the clock of the sensor counts whole microseconds.
  private static let shortest = 1e-6
  private static let gains = 1e-3...100.0

  public func apply(_ settings: CameraSettings) async throws -> CameraSettings {
    let longest = Double(period) * 1e-9
    guard settings.exposure > 0, settings.exposure <= longest else {
      throw DeviceError.invalidSetting(
        device: description.name, setting: "exposure", value: "\(settings.exposure) s",
        accepted: "more than 0 and at most the frame period, \(longest) s")
    }
    guard Self.gains.contains(settings.gain) else {
      throw DeviceError.invalidSetting(
        device: description.name, setting: "gain", value: "\(settings.gain)",
        accepted: "\(Self.gains.lowerBound) to \(Self.gains.upperBound)")
    }
    let applied = CameraSettings(
      exposure: max(1, (settings.exposure * 1e6 + 1e-6).rounded(.down)) * 1e-6, gain: settings.gain)
    storage.withLock { $0.settings = applied }
    return applied
  }

  public func start() async throws {
    try requirePlugged()
    storage.withLock { storage in
      storage.isHung = false
      storage.first = clock.now / period + 1
      storage.next = storage.first
      storage.again = nil
      storage.lastPixels = nil
      storage.state = .running
    }
  }

  public func stop() async { storage.withLock { $0.state = .ready } }

  public func reconnect() async throws {
    let isBack = storage.withLock { storage in
      if let back = storage.back, clock.now >= back { storage.back = nil }
      return storage.back == nil
    }
    if isBack { await stop() }
    try requirePlugged()
  }

  private func requirePlugged() throws {
    guard storage.withLock({ $0.back == nil }) else {
      throw DeviceError.disconnected(device: description.name, reason: "it was unplugged")
    }
  }

  public func nextFrame(deadline: UInt64) async throws -> Frame {
    try requirePlugged()
    guard await state == .running else { throw DeviceError.notRunning(device: description.name) }
    guard !storage.withLock({ $0.isHung }) else { throw silence(until: deadline) }
    if let again = storage.withLock({ $0.again.take() }) { return again }
    let settings = storage.withLock { $0.settings }
    let rows = rowStart(description.height - 1)
    let exposure = nanoseconds(settings.exposure) + rows
    let index = storage.withLock { storage in
      // The frames that the driver's buffers could not hold are gone.
      let complete = clock.now >= exposure ? (clock.now - exposure) / period + 1 : 0
      let held = UInt64(max(1, sensor.settings.bufferCount))
      storage.next = max(storage.next, complete > held ? complete - held : 0)
      while happens(faults.dropped, to: storage.next, .dropped) { storage.next += 1 }
      return storage.next
    }
    let end = index * period + exposure
    let arrival = end + (happens(faults.late, to: index, .late) ? nanoseconds(faults.lateness) : 0)
    guard arrival <= deadline else { throw silence(until: deadline) }
    clock.advance(to: arrival)
    try breakDown(at: index, deadline: deadline)
    let pixels = await table.offload { [self] in expose(index, from: index * period, to: end - rows, settings) }
    adaptGain(to: pixels)
    return deliver(index, pixels, end: end, exposure: exposure)
  }

  private func silence(until deadline: UInt64) -> DeviceError {
    clock.advance(to: deadline)
    return .noFrame(device: description.name)
  }

  /// The faults after which no frame comes any more.
  private func breakDown(at index: UInt64, deadline: UInt64) throws {
    if happens(faults.disconnected, to: index, .disconnected) {
      storage.withLock { storage in
        storage.back = clock.now + nanoseconds(faults.outage)
        storage.state = .disconnected
      }
      try requirePlugged()
    }
    if happens(faults.hung, to: index, .hung) {
      storage.withLock { $0.isHung = true }
      throw silence(until: deadline)
    }
  }

  private func deliver(_ index: UInt64, _ pixels: [UInt16], end: UInt64, exposure: UInt64) -> Frame {
    storage.withLock { storage in
      storage.next = index + 1
      let stale = happens(faults.stale, to: index, .stale) ? storage.lastPixels : nil
      var frame = Frame(
        width: description.width, height: description.height, pixels: stale ?? pixels,
        sequence: index - storage.first, exposureStart: end - exposure, exposureEnd: end)
      if happens(faults.erroneous, to: index, .erroneous) { scramble(&frame, index) }
      if happens(faults.torn, to: index, .torn) { tear(&frame) }
      if happens(faults.duplicated, to: index, .duplicated) { storage.again = frame }
      storage.lastPixels = frame.pixels
      return frame
    }
  }

  private func scramble(_ frame: inout Frame, _ index: UInt64) {
    let noise = faultRandom.child(index)
    for pixel in frame.pixels.indices {
      frame.pixels[pixel] = UInt16(noise.uniform(at: UInt64(pixel)) * Double(description.fullScale))
    }
    frame.flags.insert(.error)
  }

  private func tear(_ frame: inout Frame) {
    for pixel in frame.height / 2 * frame.width..<frame.pixels.count { frame.pixels[pixel] = 0 }
    frame.flags.insert(.incomplete)
  }

  private func expose(_ index: UInt64, from start: UInt64, to end: UInt64, _ settings: CameraSettings) -> [UInt16] {
    var intensity = [Float](repeating: 0, count: description.width * description.height)
    if !happens(faults.black, to: index, .black) { collect(&intensity, from: start, to: end) }
    let gain = settings.gain * storage.withLock { $0.automaticGain }
    return sensor.expose(
      intensity, frame: index, at: Double(start) * 1e-9, exposure: settings.exposure, gain: gain)
  }

  /// Brings the brightest pixel of the next frame nearer to half of full scale.
  private func adaptGain(to pixels: [UInt16]) {
    let (part, brightest) = (sensor.settings.automaticGain, pixels.max() ?? 0)
    guard part > 0 else { return }
    let factor = pow(Double(description.fullScale) / (2 * Double(max(1, brightest))), part)
    storage.withLock { $0.automaticGain = min(max($0.automaticGain * factor, 0.1), 10) }
  }

  /// Adds up the light of everything that was on the panels during an exposure.
  private func collect(_ intensity: inout [Float], from start: UInt64, to end: UInt64) {
    let shared = layerPanel === inputPanel
    if rowDelay > 0 { return collectRows(&intensity, from: start, to: end) }
    for layers in layerPanel.shares(from: start, to: end) {
      for input in shared ? [layers] : inputPanel.shares(from: start, to: end) {
        let weight = Float(shared ? layers.weight : layers.weight * input.weight)
        let light = table.intensity(layers: layers.content, input: input.content, at: start)
        for pixel in intensity.indices { intensity[pixel] += weight * light[pixel] }
      }
    }
  }

  /// When a row begins to be exposed after the first one, in nanoseconds.
  private func rowStart(_ row: Int) -> UInt64 { UInt64(Double(row) * rowDelay) }

  /// The same when every row is exposed later than the one above it.
  private func collectRows(_ intensity: inout [Float], from start: UInt64, to end: UInt64) {
    let (width, shared) = (description.width, layerPanel === inputPanel)
    // Forgets what no later exposure sees.
    _ = (layerPanel.shares(from: start, to: end), inputPanel.shares(from: start, to: end))
    for row in 0..<description.height {
      let (from, to) = (start + rowStart(row), end + rowStart(row))
      for layers in layerPanel.shares(ofRowFrom: from, to: to) {
        for input in shared ? [layers] : inputPanel.shares(ofRowFrom: from, to: to) {
          let weight = Float(shared ? layers.weight : layers.weight * input.weight)
          let light = table.intensity(layers: layers.content, input: input.content, at: start)
          for pixel in row * width..<(row + 1) * width { intensity[pixel] += weight * light[pixel] }
        }
      }
    }
  }

  private func happens(_ probability: Double, to frame: UInt64, _ fault: Fault) -> Bool {
    probability > 0 && faultRandom.uniform(at: 16 * frame + fault.rawValue) < probability
  }
}
