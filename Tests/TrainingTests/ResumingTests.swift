import Arrays
import BenchTestKit
import Concurrency
import Diffusion
import Files
import Foundation
import Measuring
import Optics
import Testing
import Training
import Twin

@Suite struct ResumingTests {
  private let folder: TemporaryFolder
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)

  init() throws { folder = try TemporaryFolder() }

  /// The power goes off.
  private struct Outage: Error {}

  /// Counts what happens, and lets the power go off at a number.
  private final class Supply: Sendable {
    private let state: Locked<(events: Int, last: Int)>

    init(until last: Int) { state = Locked((0, last)) }

    var events: Int { state.withLock { $0.events } }

    func isOff() -> Bool {
      state.withLock { state in
        state.events += 1
        return state.events > state.last
      }
    }
  }

  /// A bench whose noise depends on how many frames it has taken, as that of a camera does.
  private struct CountingBench: OpticalUnit {
    let twin: Twin<Float>
    let supply: Supply
    let frames: Counter

    func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
      if supply.isOff() { throw Outage() }
      var measured = try await twin.intensities(layers: layers, inputs: inputs, block: block)
      let mean = measured.values.reduce(0, +) / Float(measured.values.count)
      for plane in 0..<measured.count {
        let random = CounterRandom(seed: 9).child(frames.next())
        for (pixel, index) in measured.range(ofPlane: plane).enumerated() {
          let noise = 0.02 * mean * Float(random.normal(at: UInt64(pixel)))
          measured.values[index] = max(0, measured.values[index] + noise)
        }
      }
      if supply.isOff() { throw Outage() }
      return Measured(intensities: measured)
    }
  }

  private struct Ending: Equatable {
    var model: [UInt8]
    var outcomes: [SetOutcome]
    var history: TrainingHistory
  }

  private func request(
    _ trainer: String, bench: any OpticalUnit, believed: TwinParameters, seed: UInt64 = 1,
    benchSteps: Int = 3, images: UInt64 = 1, inverse: PhaseInverse? = nil
  ) throws -> ModelRun {
    var description = description
    description.modulator.inverse = inverse
    let material = try TrainingMaterial(
      training: bars(80, size: 10, seed: images), test: bars(40, size: 10, seed: 2), name: "bars")
    return try ModelRun(
      recipe: .short(trainer, images: 120, benchSteps: benchSteps, judging: 12, saveEvery: (4, 2)), material: material,
      twin: try Twin<Float>(description, parameters: believed, threads: 1), bench: bench, seed: seed)
  }

  /// One life of a process that trains, in a task of its own. It goes on from the checkpoint that is there.
  private func live(
    _ trainer: String, in name: String, supply: Supply, believed: TwinParameters? = nil
  ) async throws -> Ending {
    let path = folder.file(name)
    let truth = SmallBench.parameters(description)
    let start = try ModelCheckpoint.load(from: path + ".state")?.checkpoint
    let frames = Counter(start?.benchTime ?? 0)
    let bench = CountingBench(twin: try Twin<Float>(description, parameters: truth), supply: supply, frames: frames)
    let request = try request(
      trainer, bench: bench, believed: believed ?? SmallBench.parameters(description, factor: 1.1))
    let life = Task {
      let last = Locked<ModelCheckpoint?>(start)
      let model = try await request.run(from: start) { checkpoint in
        var checkpoint = checkpoint
        checkpoint.benchTime = frames.value
        if supply.isOff() { throw Outage() }
        try checkpoint.save(to: path + ".state")
        last.withLock { $0 = checkpoint }
        if supply.isOff() { throw Outage() }
      } saveModel: {
        try $0.save(to: path)
      } report: { event in
        if case .step = event, supply.isOff() { withUnsafeCurrentTask { $0?.cancel() } }
      }
      #expect(try DenoisingModel.load(from: path).model == model)
      let checkpoint = try #require(last.withLock { $0 })
      return Ending(
        model: try AtomicFile.read(path), outcomes: checkpoint.outcomes, history: checkpoint.history)
    }
    return try await life.value
  }

  @Test(
    "a training that ends at any moment and is gone on with gives the same bits as one that was left alone",
    arguments: ["online", "pat", "offline"])
  func interrupted(mode: String) async throws {
    let whole = Supply(until: .max)
    let expected = try await live(mode, in: "whole", supply: whole)
    #expect(expected.history.entries.count(where: { $0.stage == 1 }) == (mode == "offline" ? 0 : 2 * 3))
    #expect(expected.outcomes.count == 2)
    var last = 0
    for moment in stride(from: 1, to: whole.events, by: 5) {
      let name = "ends-\(moment)"
      await #expect(throws: (any Error).self) { try await live(mode, in: name, supply: Supply(until: moment)) }
      // Somebody has calibrated the bench since the first checkpoint.
      let calibrated = AtomicFile.exists(folder.file(name) + ".state") ? SmallBench.parameters(description) : nil
      let rest = Supply(until: .max)
      let ending = try await live(mode, in: name, supply: rest, believed: calibrated)
      #expect(ending == expected, "\(mode) interrupted at \(moment)")
      last = rest.events
    }
    #expect(last < whole.events / 2, "the last life went on from where the one before had ended")
  }

  @Test("a training with one outage after the other ends with the same bits")
  func manyOutages() async throws {
    let whole = Supply(until: .max)
    let expected = try await live("online", in: "whole", supply: whole)
    var outages = 0
    while outages < 100 {
      let supply = Supply(until: 12 + outages % 3)
      if let ending = try? await live("online", in: "torn", supply: supply) {
        #expect(ending == expected)
        break
      }
      outages += 1
    }
    #expect((3..<100).contains(outages))
  }

  @Test("when the newest checkpoint is damaged, the training goes on from the one before to the same bits")
  func damaged() async throws {
    let expected = try await live("online", in: "whole", supply: Supply(until: .max))
    await #expect(throws: (any Error).self) { try await live("online", in: "torn", supply: Supply(until: 30)) }
    let path = folder.file("torn.state")
    let bytes = try AtomicFile.read(path)
    try AtomicFile.write(Array(bytes.dropLast(bytes.count / 3)), to: path)
    let (_, damage) = try #require(try ModelCheckpoint.load(from: path))
    #expect(damage?.contains("torn.state") == true)
    #expect(try await live("online", in: "torn", supply: Supply(until: .max)) == expected)
  }

  @Test(
    "a checkpoint comes back from its file bit for bit, and says what its layers are and what chose their commands",
    arguments: LayerMeaning.allCases)
  func roundTrip(meaning: LayerMeaning) async throws {
    let path = folder.file("again.state")
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let believed = SmallBench.parameters(description, factor: 1.1)
    var bent = description
    bent.modulator.response = [0, 3, 6.1]
    let inverse = meaning == .phases ? bent.inverse(believed, count: 256) : nil
    let request = try request("online", bench: bench, believed: believed, inverse: inverse)
    _ = try await request.run {
      try $0.save(to: path)
      #expect(try ModelCheckpoint.load(from: path)?.checkpoint == $0)
      #expect($0.inverse == inverse && $0.model.meaning == meaning)
    } saveModel: { _ in
    } report: { _ in
    }
    #expect(try ModelCheckpoint.load(from: path)?.checkpoint.outcomes.count == 2)
    #expect(try ModelCheckpoint.load(from: folder.file("nothing")) == nil)
  }

  @Test("a checkpoint of another training is refused, with what is different")
  func strangers() async throws {
    let path = folder.file("stranger.state")
    await #expect(throws: (any Error).self) { try await live("online", in: "stranger", supply: Supply(until: 20)) }
    let start = try #require(try ModelCheckpoint.load(from: path)?.checkpoint)
    let believed = SmallBench.parameters(description, factor: 1.1)
    let bench = try Twin<Float>(description)
    let requests = [
      ("recipe", try request("pat", bench: bench, believed: believed)),
      ("recipe", try request("online", bench: bench, believed: believed, benchSteps: 4)),
      ("seed", try request("online", bench: bench, believed: believed, seed: 2)),
      ("dataset", try request("online", bench: bench, believed: believed, images: 3)),
    ]
    for (difference, other) in requests {
      await #expect(throws: TrainingError.checkpoint("it was made with another \(difference)")) {
        try await other.run(from: start, saveModel: { _ in }, report: { _ in })
      }
    }
  }
}

/// A number that counts up.
private final class Counter: Sendable {
  private let number: Locked<UInt64>

  init(_ start: UInt64) { number = Locked(start) }

  var value: UInt64 { number.withLock { $0 } }

  func next() -> UInt64 {
    number.withLock { number in
      number += 1
      return number
    }
  }
}
