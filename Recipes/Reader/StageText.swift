import Catalogues
import StrictYAML
import Training

/// A stage as it is written.
struct StageText: Sendable {
  private var trainer = ""
  private var images: Int?
  private var steps: Int?
  private var phaseRate: Double?
  private var readoutRate: Double?
  private var saveEvery = 1

  /// The stages of a recipe.
  static func form(_ trainers: Catalogue<any Trainer.Type>) -> Form<[Stage]> {
    let schema = Self.schema(trainers)
    return Form(.list(of: .object(schema.parameters))) { section, key in
      let stages = section.sections(key, keys: schema.names + ["options"])?.map { entry in
        schema.read(entry).flatMap { stage($0, entry, trainers) }
      }
      return stages.flatMap { $0.contains { $0 == nil } ? nil : $0.compactMap(\.self) }
    }
  }

  private static func schema(_ trainers: Catalogue<any Trainer.Type>) -> Schema<StageText> {
    let rate = Form.number(Quantity(0...100))
    return Schema(StageText()) {
      Key(required: "trainer", \.trainer, RecipeSchema.name(of: trainers), "who trains")
      Key("images", \.images, .integer(0...100_000_000), "images over all sets, by their shares")
      Key("steps", \.steps, .integer(0...1_000_000), "steps of each set, in place of images")
      Key("phaseRate", \.phaseRate, rate, "learning rate of the phases, otherwise the optimiser's")
      Key("readoutRate", \.readoutRate, rate, "learning rate of readout and objective, otherwise the optimiser's")
      Key(required: "saveEvery", \.saveEvery, .integer(1...1_000_000), "steps between checkpoints")
    } check: { text, section in
      if (text.images == nil) == (text.steps == nil) {
        section.reject("images", "a stage has either images or steps")
      }
    }
  }

  private static func stage(
    _ text: StageText, _ section: Section, _ trainers: Catalogue<any Trainer.Type>
  ) -> Stage? {
    guard let trainer = try? trainers.member(named: text.trainer),
      let options = section.options("options", of: trainer.declaration)
    else { return nil }
    return Stage(
      text.trainer, text.images.map { .images($0) } ?? .steps(text.steps ?? 0), phaseRate: text.phaseRate,
      readoutRate: text.readoutRate, options: options, saveEvery: text.saveEvery)
  }
}

extension Section {
  /// What a member of a catalogue is given: values for some of its declared parameters. Nil when one is wrong, which has been
  /// reported.
  func options(_ key: String, of declaration: Declaration) -> [String: Parameter.Value]? {
    guard has(key) else { return [:] }
    guard let section = section(key, keys: declaration.parameters.map(\.name)) else { return nil }
    var options: [String: Parameter.Value] = [:]
    for parameter in declaration.parameters where section.has(parameter.name) {
      guard let value = section.value(of: parameter) else { return nil }
      options[parameter.name] = value
    }
    return options
  }

  private func value(of parameter: Parameter) -> Parameter.Value? {
    switch parameter.kind {
    case .flag: return flag(parameter.name).map { .flag($0) }
    case .integer(let range): return integer(parameter.name, range).map { .integer($0) }
    case .number(let range): return number(parameter.name, Quantity(range)).map { .number($0) }
    case .text: return text(parameter.name).map { .text($0) }
    case .choice(let words):
      guard let word = text(parameter.name) else { return nil }
      if words.contains(word) { return .text(word) }
      reject(parameter.name, "\"\(word)\" is unknown; expected one of \(words.joined(separator: ", "))")
    case .list, .object: reject(parameter.name, "a recipe cannot give this")
    }
    return nil
  }
}
