import BenchAPI
import BenchFile
import Devices

/// The bench that a service runs: what the bench file says and the devices that were assembled from it.
public struct BenchEquipment: Sendable {
  public var file: BenchFile
  /// The bench as an answer to patterns and images.
  public var unit: any BenchUnit
  public var modulators: [any SpatialLightModulator]
  public var camera: any Camera
  public var clock: any BenchClock
  /// What the plant of a simulated bench hides from everyone else; nil for a real bench.
  public var truth: JSONValue?

  public init(
    file: BenchFile, unit: any BenchUnit, modulators: [any SpatialLightModulator], camera: any Camera,
    clock: any BenchClock, truth: JSONValue? = nil
  ) {
    self.file = file
    self.unit = unit
    self.modulators = modulators
    self.camera = camera
    self.clock = clock
    self.truth = truth
  }

  /// What was assembled from a bench file.
  public init(file: BenchFile, assembled: AssembledBench) throws {
    self.init(
      file: file, unit: assembled.bench, modulators: assembled.modulators, camera: assembled.camera,
      clock: assembled.clock, truth: try assembled.truth.map { try JSONValue(encoding: $0) })
  }

  /// The same bench, with everything written down that it measures.
  package func recorded(by recorder: RunRecorder) -> BenchEquipment {
    guard var unit = unit as? WatchedUnit else { return self }
    unit.recorder = recorder
    var equipment = self
    equipment.unit = unit
    return equipment
  }

  /// Starts the bench, does something with it, and stops it, whatever happens. That it cannot be stopped is only logged:
  /// it takes nothing from what was done.
  package func whileRunning<Value: Sendable>(
    log: (String) -> Void, _ body: () async throws -> Value
  ) async throws -> Value {
    let outcome: Result<Value, any Error>
    do {
      try await unit.start()
      outcome = .success(try await body())
    } catch {
      outcome = .failure(error)
    }
    do { try await unit.stop() } catch { log("the safe pattern could not be shown: \(error)") }
    return try outcome.get()
  }

  /// The devices for work below the unit. What they show and see can be looked at by others.
  package func instrument(_ live: LiveView) -> BenchInstrument {
    BenchInstrument(unit: unit, modulators: modulators, camera: camera, clock: clock, witness: live)
  }

  /// The modulator of that name; the first when no name is given.
  package func modulator(_ name: String?) throws -> any SpatialLightModulator {
    try BenchInstrument(unit: unit, modulators: modulators, camera: camera, clock: clock).modulator(name)
  }

  /// The serial numbers of the devices by their role; devices that have none are absent.
  package var serials: [String: String] {
    get async {
      var serials: [String: String] = [:]
      for (role, modulator) in zip(["layers", "input"], modulators) { serials[role] = await modulator.serial }
      serials["camera"] = await camera.serial
      return serials
    }
  }

  /// What `GET /v1/devices` lists.
  package func devices(_ live: LiveView) async -> [DeviceStatus] {
    var devices: [DeviceStatus] = []
    for modulator in modulators {
      let (device, state) = (modulator.description, await modulator.state)
      devices.append(
        DeviceStatus(
          name: device.name, kind: .modulator, driver: device.driver, width: device.width, height: device.height,
          state: state.name, message: state.message, serial: await modulator.serial,
          evidence: live.shown(on: device.name)?.evidence?.name, warnings: await modulator.warnings,
          effects: await modulator.effects.map(DeviceStatus.Effect.init), rate: device.refreshRate,
          bus: await modulator.bus))
    }
    let (device, state) = (camera.description, await camera.state)
    devices.append(
      DeviceStatus(
        name: device.name, kind: .camera, driver: device.driver, width: device.width, height: device.height,
        state: state.name, message: state.message, serial: await camera.serial, warnings: await camera.warnings,
        effects: await camera.effects.map(DeviceStatus.Effect.init), rate: device.frameRate, bus: await camera.bus))
    return devices
  }
}

extension DeviceStatus.Effect {
  fileprivate init(_ effect: DeviceEffect) { self.init(kind: effect.kind.rawValue, words: effect.words) }
}

extension DeviceState {
  fileprivate var name: String {
    switch self {
    case .disconnected: "disconnected"
    case .ready: "ready"
    case .running: "running"
    case .paused: "paused"
    case .fault: "fault"
    }
  }

  fileprivate var message: String? {
    switch self {
    case .fault(let message), .paused(let message): message
    case .disconnected, .ready, .running: nil
    }
  }
}
