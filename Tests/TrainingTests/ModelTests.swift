import Arrays
import BenchTestKit
import Diffusion
import Files
import Foundation
import Testing
import Training
import Twin

@Suite struct ModelTests {
  private let folder: TemporaryFolder
  private let path: String
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("model.odu")
  }

  /// A model with numbers that are hard to write in decimals.
  private func model(seed: UInt64) throws -> DenoisingModel {
    let recipe = Recipe(edges: [0, 300, 600, 1000])
    let method = try Method(recipe)
    var model = DenoisingModel(
      recipe: recipe, mean: [0.1, .pi, .leastNonzeroMagnitude, -.greatestFiniteMagnitude], imageSize: 2,
      dataset: "bars", parameters: SmallBench.parameters(description))
    let random = CounterRandom(seed: seed)
    for index in 1...2 {
      var phases = Stack<Float>(count: 3, height: 48, width: 48)
      random.child(UInt64(index)).fillNormal(into: &phases.values)
      phases.values[0] = -0.0
      let steps = recipe.edges[index] + 1...recipe.edges[index + 1]
      var set = method.freshSet(steps: steps, phases: phases, pixels: 4)
      set.readoutParameters = (0..<8).map { Float(random.normal(at: UInt64($0))) / 3 }
      set.statistics =
        BatchNormalisedReadout.statistics(
          of: Stack(count: 2, height: 2, width: 2, values: (0..<8).map { 1 / Float($0 + 3) })
        )
        .0
      model.sets[index] = set
    }
    return model
  }

  private func bits(_ model: DenoisingModel) -> [UInt32] {
    let sets = model.sets.compactMap { $0 }.flatMap { set in
      let statistics = set.statistics.map { $0.mean + [$0.scale] } ?? []
      return set.phases.values + set.readoutParameters + set.objectiveParameters + statistics
    }
    return (model.mean + sets).map(\.bitPattern)
  }

  @Test("a model says what its layers are; one that says nothing has commands, and is the file that it always was")
  func meaning() throws {
    var model = try model(seed: 1)
    try model.save(to: path)
    #expect(!String(decoding: try AtomicFile.read(path), as: UTF8.self).contains("\"layers\""))
    #expect(try DenoisingModel.load(from: path).model.meaning == .commands)
    model.meaning = .phases
    try model.save(to: path)
    #expect(try DenoisingModel.load(from: path).model == model)
  }

  /// Anybody can write a file with a good checksum; a number in it must not be what ends the daemon that reads it.
  @Test("a whole file with numbers that belong to no model is refused", arguments: 0..<13)
  func foreignNumbers(place: Int) throws {
    var model = try model(seed: 1)
    switch place {
    case 0: model.imageSize = 0
    case 1: model.imageSize = .max
    case 2: model.imageSize = -1
    case 3: model.mean = []
    case 4: model.sets.removeLast()
    case 5: model.recipe.edges = []
    case 6: model.recipe.edges = [0, 600, 300, 1000]
    case 7: model.recipe.schedule.steps = .max
    case 8: model.recipe.schedule.steps = 500
    case 9: model.sets[1]?.statistics?.mean = [1]
    case 10: model.sets[1]?.readoutParameters = []
    case 11: model.sets[1]?.objectiveParameters = [1, 2]
    default: model.sets[1]?.phases.values[7] = .infinity
    }
    try model.save(to: path)
    #expect(throws: TrainingError.self) { try DenoisingModel.load(from: path) }
  }

  @Test("layers whose shape has no product, and steps in the wrong order, are refused")
  func foreignSets() throws {
    try model(seed: 1).save(to: path)
    let file = StateFile(path: path, schema: 1)
    let text = String(decoding: try file.load().bytes, as: UTF8.self)
    let changes = [
      ("\"shape\":[3,48,48]", "\"shape\":[1048576,1048576,1048576]"), ("\"shape\":[3,48,48]", "\"shape\":[-3,-48,48]"),
      ("\"firstStep\":301", "\"firstStep\":9223372036854775807"), ("\"firstStep\":301", "\"firstStep\":601"),
      ("\"lastStep\":600", "\"lastStep\":-9223372036854775808"),
    ]
    for (old, new) in changes {
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(changed != text)
      try file.save(Array(changed.utf8))
      #expect(throws: TrainingError.self, "\(new)") { try DenoisingModel.load(from: path) }
    }
  }

  @Test("a model comes back from its file bit for bit")
  func roundTrip() throws {
    let model = try model(seed: 1)
    try model.save(to: path)
    let (loaded, damage) = try DenoisingModel.load(from: path)
    #expect(damage == nil)
    #expect(loaded == model)
    #expect(bits(loaded) == bits(model))
    #expect(loaded.parameters.all.map(\.value.bitPattern) == model.parameters.all.map(\.value.bitPattern))
  }

  enum Damage: CaseIterable { case truncated, flipped, emptied, deleted }

  @Test(
    "when the newest checkpoint is damaged the previous one loads, and the damage is told", arguments: Damage.allCases)
  func damage(kind: Damage) throws {
    try model(seed: 1).save(to: path)
    try model(seed: 2).save(to: path)
    #expect(try DenoisingModel.load(from: path).model == model(seed: 2))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    switch kind {
    case .truncated: bytes.removeLast(1000)
    case .flipped: bytes[bytes.count / 2] ^= 1
    case .emptied: bytes.removeAll()
    case .deleted: break
    }
    try bytes.write(to: URL(fileURLWithPath: path))
    if kind == .deleted { try FileManager.default.removeItem(atPath: path) }
    let (loaded, damage) = try DenoisingModel.load(from: path)
    #expect(try loaded == model(seed: 1))
    #expect(damage?.contains("model.odu") == true)
  }

  @Test("a lone damaged checkpoint and a missing one are errors of the file")
  func nothingLeft() throws {
    #expect(throws: FilesError.self) { try DenoisingModel.load(from: path) }
    try model(seed: 1).save(to: path)
    try Data("odu".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: FilesError.self) { try DenoisingModel.load(from: path) }
  }

  @Test("a state file that is no model is refused with its path")
  func noModel() throws {
    try StateFile(path: path, schema: 1).save(Array("{\"recipe\": 3}".utf8))
    let error = #expect(throws: TrainingError.self) { try DenoisingModel.load(from: path) }
    #expect(error?.description.contains(path) == true)
  }

  @Test("a step that no trained set serves is an error, and sampling ends above it")
  func missingSet() throws {
    let model = try model(seed: 1)
    #expect(try model.set(serving: 301).firstStep == 301)
    #expect(try model.set(serving: 600).firstStep == 301)
    #expect(try model.set(serving: 1000).firstStep == 601)
    #expect(throws: TrainingError.noLayerSet(step: 300)) { try model.set(serving: 300) }
    #expect(model.endStep == 301)
    var gap = model
    gap.sets[1] = nil
    #expect(gap.endStep == 601)
    gap.sets[2] = nil
    #expect(gap.endStep == 1000)
  }
}
