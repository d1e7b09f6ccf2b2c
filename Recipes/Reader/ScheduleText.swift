import Diffusion
import StrictYAML
import Training

/// A schedule as it is written.
struct ScheduleText: Sendable {
  enum Kind: String, CaseIterable, Sendable { case linear, cosine }

  private var kind = Kind.linear
  private var first: Double?
  private var last: Double?
  private var offset: Double?
  private var steps = 1

  private static let variance = Form.number(Quantity(1e-12...0.999))

  private static let schema = Schema(ScheduleText()) {
    Key(required: "kind", \.kind, .choice, "the rule that the variance of a step follows")
    Key("first", \.first, variance, "variance of the first step, of a linear schedule")
    Key("last", \.last, variance, "variance of the last step, of a linear schedule")
    Key("offset", \.offset, .number(.fraction), "offset of a cosine schedule")
    Key(required: "steps", \.steps, .integer(1...100_000), "T, the number of steps")
  } check: { text, section in
    let needed = text.kind == .linear ? ["first", "last"] : ["offset"]
    for key in ["first", "last", "offset"] {
      if needed.contains(key), !section.has(key) { section.missing(key) }
      if !needed.contains(key), section.has(key) { section.reject(key, "a \(text.kind) schedule has no such key") }
    }
  }

  static let form = Form<ScheduleDescription>(.object(schema.parameters)) { section, key in
    section.section(key, schema).flatMap { schema.read($0) }.map { text in
      let kind: NoiseSchedule.Kind =
        switch text.kind {
        case .linear: .linear(first: text.first ?? 0, last: text.last ?? 0)
        case .cosine: .cosine(offset: text.offset ?? 0)
        }
      return ScheduleDescription(kind: kind, steps: text.steps)
    }
  }
}
