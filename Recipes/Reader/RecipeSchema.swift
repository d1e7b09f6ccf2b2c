import Catalogues
import Diffusion
import StrictYAML
import Training

/// The keys of a recipe. All must be there, but for those that say that something is not done when they are left out.
struct RecipeSchema {
  private let catalogues: TrainingCatalogues

  init(_ catalogues: TrainingCatalogues) { self.catalogues = catalogues }

  /// A recipe to start from, of which nothing is left when all keys are there.
  private static let blank = Recipe(edges: [0, 1])
  private static let rate = Form.number(Quantity(0...100))

  var whole: Schema<Recipe> {
    Schema(Self.blank) {
      Key(required: "name", \.name, .text, "what people call it")
      Key(required: "summary", \.summary, .text, "what it is for, in one line")
      Key(required: "schedule", \.schedule, ScheduleText.form, "how much noise there is at every step")
      Key("sets", \.self, sets, "which layers serve which steps")
      Key("input", \.self, input, "how a noisy image is put on the beam")
      Key(
        required: "readout", \.readout, Self.name(of: catalogues.readouts), "how intensities become signed numbers")
      Key(required: "objective", \.objective, Self.name(of: catalogues.objectives), "what is learnt")
      Key("start", \.self, start, "how layers begin")
      Key("optimiser", \.self, optimiser, "Adam and its rates")
      Key(required: "stages", \.stages, StageText.form(catalogues.trainers), "what each set goes through")
      Key("judging", \.self, judging, "how sets are fixed and judged")
      Key(required: "sampling", \.sampling, SamplingText.form(catalogues.samplers), "how images are generated")
    } check: { _, section in
      for key in ["sets", "input", "start", "optimiser", "judging"] where !section.has(key) { section.missing(key) }
    }
  }

  private var sets: Schema<Recipe> {
    Schema(Self.blank) {
      Key(required: "edges", \.edges, .integers(0...100_000), "the last step of every set; 0 first, T last")
      Key(
        required: "shares", \.shares, .numbers(Quantity(1e-6...1e6)),
        "the weight of each set when images are shared out")
      Key(required: "first", \.firstSet, .integer(0...10_000), "the first set that is trained, counted from 0")
    }
  }

  private var input: Schema<Recipe> {
    Schema(Self.blank) {
      Key(required: "gain", \.scaling.gain, .single(0...10), "how much of a noisy image is put on the light")
      Key(required: "limit", \.scaling.limit, .single(0.1...100), "noisy images are clipped to ± this")
    }
  }

  private var start: Schema<Recipe> {
    Schema(Self.blank) {
      Key(
        required: "phaseSpread", \.start.phaseSpread, .number(Quantity(0...10, unit: "radians")),
        "standard deviation of the random phases")
      Key(
        required: "warm", \.start.isWarm, .flag, "whether a set begins with the layers of the noisier one next to it")
    }
  }

  private var optimiser: Schema<Recipe> {
    Schema(Self.blank) {
      Key(required: "batch", \.batch, .integer(1...65536), "images of a step")
      Key(required: "phaseRate", \.phaseRate, Self.rate, "learning rate of the phases from a random start")
      Key(required: "warmPhaseRate", \.warmPhaseRate, Self.rate, "the same from the layers of another set")
      Key(required: "readoutRate", \.readoutRate, Self.rate, "learning rate of readout and objective")
      Key(required: "beta1", \.optimiser.beta1, .number(.fraction), "momentum of the mean slope")
      Key(required: "beta2", \.optimiser.beta2, .number(.fraction), "momentum of the squared slope")
      Key(
        required: "warmUp", \.optimiser.warmUp, .integer(0...1_000_000),
        "steps over which rates rise, at most a quarter of all")
      Key(required: "end", \.optimiser.end, .number(.fraction), "what is left of the rates at the end of a stage")
    }
  }

  private var judging: Schema<Recipe> {
    Schema(Self.blank) {
      Key(
        required: "freezingImages", \.judging.freezingImages, .integer(1...1_000_000),
        "images that fix a readout's statistics")
      Key(
        required: "evaluationImages", \.judging.evaluationImages, .integer(1...1_000_000), "images that judge a set")
    }
  }

  /// The name of a member.
  static func name<Member>(of catalogue: Catalogue<Member>) -> Form<String> {
    let known = Form<String>.text.refusing { name in
      catalogue.names.contains(name) ? nil : UnknownName(name, noun: catalogue.noun, known: catalogue.names).description
    }
    return known
  }
}

extension Form where Content == [Int] {
  /// A list of whole numbers.
  static func integers(_ range: ClosedRange<Int>) -> Form {
    let span = Quantity(Double(range.lowerBound)...Double(range.upperBound))
    return Form(.list(of: .integer(range))) { section, key in
      guard let numbers = section.numbers(key, span) else { return nil }
      let integers = numbers.compactMap { Int(exactly: $0) }
      guard integers.count == numbers.count else {
        section.reject(key, "expected whole numbers")
        return nil
      }
      return integers
    }
  }
}

extension Form where Content == Float {
  /// A number in single precision.
  static func single(_ range: ClosedRange<Double>) -> Form {
    Form(
      .number(range), written: { .number(Double($0)) },
      read: { section, key in section.number(key, Quantity(range)).map { Float($0) } })
  }
}
