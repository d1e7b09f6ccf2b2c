import Arrays
import BenchFile
import BenchTestKit
import Calibration
import Concurrency
import Devices
import DriverCatalogue
import MeasurementFiles
import Measuring
import Simulated
import Testing
import Twin

/// What the panels of the simulated bench hide of their timing.
struct TimingTruth: Sendable, CustomTestStringConvertible {
  struct Panel: Sendable {
    var latency: Double
    var settle: Double
    var fall: Double?
    var refresh = 60.0

    var yaml: String {
      "refreshRate: \(refresh), latency: \(latency), settle: \(settle)" + (fall.map { ", fall: \($0)" } ?? "")
    }
  }

  var seed: UInt64 = 1
  var layers = Panel(latency: 1e-3, settle: 4e-3)
  var input = Panel(latency: 20e-6, settle: 50e-6, refresh: 2000)
  var frameRate = 500.0
  var exposure = 1e-3
  var rowDelay = 0.0
  var fullScaleIntensity = 3.0

  var testDescription: String { "seed \(seed), layers \(layers.yaml), input \(input.yaml), \(frameRate) Hz" }
}

/// A bench with such panels, opened for raw steps.
typealias TimingTable = RawTable<TimingRoutine>

extension RawTable<TimingRoutine> {
  init(_ truth: TimingTruth) async throws {
    let file = try BenchFile(
      yaml: """
        geometry: {kind: planes, wavelength: 850e-9, pitch: 16e-6, grid: 64, layers: 1, spacing: 2e-3, padding: 1}
        input: {size: 16, block: 4, encoding: amplitude}
        detector: {block: 4, region: {x: 0, y: 0, width: 64, height: 64}}
        devices:
          layerModulator: {driver: simulated}
          inputModulator: {driver: simulated}
          camera: {driver: simulated}
        layout:
          layers: {origins: [{x: 0, y: 0}], scale: 1}
          input: {origin: {x: 0, y: 0}, scale: 1, fullLevel: 255}
          camera: {x: 0, y: 0, width: 64, height: 64}
        simulated:
          seed: \(truth.seed)
          sampling: 1
          misalignment: {exact: {distance: 2e-3, mirrorX: 0, mirrorY: 0, beamX: 0, beamY: 0}}
          noise: {laser: 0.01, shot: true, fullWell: 20e3, read: 7}
          pixels: {hot: 5, hotLevel: 0.1, dead: 4, darkSpread: 0.0005, responseSpread: 0.01}
          imaging: {offset: 0.02}
          layerPanel: {width: 64, height: 64, \(truth.layers.yaml)}
          inputPanel: {width: 16, height: 16, \(truth.input.yaml)}
          camera: {width: 64, height: 64, bits: 12, frameRate: \(truth.frameRate), exposure: \(truth.exposure),
            rowDelay: \(truth.rowDelay), fullScaleIntensity: \(truth.fullScaleIntensity)}
        """, path: "timing.yaml", drivers: .standard)
    try await self.init(file)
  }

  func model(_ raw: (any RawBench)? = nil) async throws -> (TimingModel, RoutineReport) {
    let outcome = try await outcome(raw)
    guard case .timing(let model) = outcome.content else { throw CalibrationError.noDevices }
    return (model, outcome.report)
  }
}

/// Timing as the routine finds it against what the simulated bench hides.
@Suite("Timing routine") struct TimingRoutineTests {
  typealias Panel = TimingTruth.Panel

  @Test(
    "latency is within a twentieth of a frame and settling within a tenth, rise and fall apart, whatever the plant hides",
    arguments: [
      TimingTruth(seed: 1),
      TimingTruth(
        seed: 2, layers: Panel(latency: 3e-3, settle: 6e-3, fall: 11e-3),
        input: Panel(latency: 2e-3, settle: 3e-3, fall: 1.5e-3)),
      TimingTruth(
        seed: 3, layers: Panel(latency: 8e-3, settle: 20e-3, fall: 12e-3), frameRate: 60, exposure: 4e-3,
        fullScaleIntensity: 12),
      TimingTruth(
        seed: 4, input: Panel(latency: 0, settle: 200e-6, fall: 90e-6, refresh: 1440), frameRate: 120,
        fullScaleIntensity: 12),
    ] as [TimingTruth])
  private func truth(_ truth: TimingTruth) async throws {
    let table = try await TimingTable(truth)
    let (model, _) = try await table.model()
    for (panel, found, latency, settle) in [
      (truth.layers, try #require(model.layers), model.layerLatency, model.layerSettle),
      (truth.input, try #require(model.input), model.inputLatency, model.inputSettle),
    ] {
      for (response, duration) in [(found.rise, panel.settle), (found.fall, panel.fall ?? panel.settle)] {
        #expect(abs(response.latency - panel.latency) < 1 / (20 * truth.frameRate), "\(response)")
        // The plant's light changes in a straight line. What is far shorter than a frame is known to a hundredth of the frame.
        let tolerance = max(0.1 * duration, 0.01 / truth.frameRate)
        #expect(abs(response.settle - 0.99 * duration) < tolerance, "\(response)")
        #expect(abs(response.slope - 0.8 * duration) < tolerance, "\(response)")
        // What the bench waits is enough, and not much too long.
        let waits = try #require(latency) + #require(settle)
        #expect(waits > panel.latency + 0.985 * duration)
      }
      #expect(found.rowDelay == 0)
    }
  }

  @Test("a shutter that rolls is told from one that does not, and takes nothing from the latency")
  func rolling() async throws {
    let truth = TimingTruth(seed: 5, layers: Panel(latency: 3e-3, settle: 5e-3), rowDelay: 12e-6)
    let (model, report) = try await TimingTable(truth).model()
    let found = try #require(model.layers)
    #expect(abs(found.rowDelay - truth.rowDelay) < 0.1 * truth.rowDelay)
    #expect(abs(found.rise.latency - truth.layers.latency) < 1 / (20 * truth.frameRate))
    #expect(report.weaknesses.contains { $0.contains("shutter rolls") })
  }

  @Test("receipts that are early by chance show as jitter, and the bench waits for the latest of them")
  func jitter() async throws {
    let table = try await TimingTable(TimingTruth(seed: 6))
    let (steady, _) = try await table.model()
    let uncertain = try await TimingTable(TimingTruth(seed: 6))
    let (model, _) = try await uncertain.model(EarlyReceipts(bench: uncertain.instrument))
    let (before, after) = (try #require(steady.layers), try #require(model.layers))
    // Uniform in 0.4 ms: a standard deviation of 0.115 ms.
    #expect(before.jitter < 2e-5)
    #expect(abs(after.jitter - 0.4e-3 / 12.0.squareRoot()) < 0.3 * 0.115e-3, "\(after.jitter)")
    #expect(after.margin > before.margin + 2 * after.jitter)
  }

  @Test("a bench without light, one whose panel shows nothing and one without devices are refused, and say so")
  func refusals() async throws {
    let dark = try await TimingTable(TimingTruth(fullScaleIntensity: 1e5))
    await #expect(throws: CalibrationError.noLight) { try await dark.outcome() }
    let table = try await TimingTable(TimingTruth(seed: 7))
    for (role, name) in [(ModulatorRole.layers, "simulated layer modulator"), (.input, "simulated input modulator")] {
      let stuck = StuckPanel(bench: table.instrument, role: role)
      await #expect(throws: CalibrationError.unchanging(panel: name)) { try await table.outcome(stuck) }
    }
    // The unit measures again.
    _ = try await table.assembled.bench.measure(
      layers: .init(count: 1, height: 64, width: 64), inputs: .init(count: 1, height: 16, width: 16, repeating: 1),
      block: 4)
    var acquisition = Acquisition(on: table.assembled.bench)
    await #expect(throws: CalibrationError.noDevices) {
      try await TimingRoutine(seed: 1).run(on: table.bench, &acquisition)
    }
  }

  @Test("what was recorded gives the same product without the bench, and an acquisition that was interrupted continues")
  func replay() async throws {
    let (folder, table) = (try TemporaryFolder(), try await TimingTable(TimingTruth(seed: 8)))
    func recorder(_ lifetime: Int) async throws -> RecordedTable {
      RecordedTable(
        bench: table.instrument, recording: try await table.recording(in: folder, panels: [(64, 64), (16, 16)]),
        lifetime: lifetime)
    }
    let first = try await recorder(9)
    await #expect(throws: RecordedTable.Failure.self) { try await table.outcome(first) }
    first.recording.close()
    let taken = try RecordedSteps(reading: folder.path)
    #expect(taken.entries.count == 9)
    let second = try await recorder(.max)
    let outcome = try await table.outcome(RecordedInstrument(taken, else: second))
    second.recording.close()
    let whole = try RecordedSteps(reading: folder.path)
    #expect(try await table.outcome(RecordedInstrument(whole)) == outcome)
  }
}

/// Presentations that are said to be earlier than they are, by up to 0.4 ms.
private struct EarlyReceipts: RawBench {
  let bench: BenchInstrument
  private let random = CounterRandom(seed: 3).stream(named: "receipts")
  private let count = Locked<UInt64>(0)

  init(bench: BenchInstrument) { self.bench = bench }

  var facts: CameraFacts { get async { await bench.facts } }
  func finish() async throws { try await bench.finish() }

  func take(_ step: RawStep) async throws -> RawFrames {
    var taken = try await bench.take(step)
    let place = count.withLock { count in
      count += 1
      return count
    }
    let early = random.uniform(at: place) * 0.4e6
    taken.presented = taken.presented.map { $0 - UInt64(early) }
    return taken
  }
}

/// A bench one of whose panels shows the same level whatever it is asked for.
private struct StuckPanel: RawBench {
  let bench: BenchInstrument
  let role: ModulatorRole

  var facts: CameraFacts { get async { await bench.facts } }
  func finish() async throws { try await bench.finish() }

  func take(_ step: RawStep) async throws -> RawFrames {
    var step = step
    if case .pattern(let pattern, let shown) = step.shown, shown == role {
      let same = Pattern(width: pattern.width, height: pattern.height, level: 200)
      step.shown = .pattern(same, on: role)
      if step.change != nil { step.change?.before = same }
    }
    return try await bench.take(step)
  }
}
