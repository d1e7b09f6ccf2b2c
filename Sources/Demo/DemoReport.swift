import Arrays
import BenchAPI
import ReadableNumbers
import Report

/// The page that the demo leaves behind.
public struct DemoReport: Sendable {
  private let results: DemoResults
  private let samples: Stack<Float>
  private let real: Stack<Float>

  /// - Parameters:
  ///   - samples: the generated images, values in 0…1.
  ///   - real: as many images of the data set.
  public init(_ results: DemoResults, samples: Stack<Float>, real: Stack<Float>) {
    self.results = results
    self.samples = samples
    self.real = real
  }

  /// The report.
  /// - Throws: `FilesError` when a picture cannot be encoded.
  public func page() throws -> Page {
    Page(
      title: "Image generation through an optical denoising unit",
      subtitle:
        "odu \(results.version) · \(results.bench) · \(results.dataset) · seed \(results.seed) · \(results.date)",
      sections: [
        Page.Section("Images", try images()),
        Page.Section("Calibration", calibration()),
        Page.Section("Three ways to train", comparison()),
        Page.Section("Layer sets", [layerSets()]),
        Page.Section("Numbers", [Row([phases(), facts()]), devices()]),
        Page.Section("How to read this", [Remarks(results.notes)]),
      ])
  }

  private func images() throws -> [any Block] {
    let generation = results.generation
    return [
      Paragraph(
        "\(generation.count) images, generated from noise in \(generation.steps) steps of \(generation.sampler). Each step "
          + "sent every image through the bench once: \(generation.frames) camera frames in all."),
      Row([
        try ImageFigure(
          "Generated", summary: "Every image that was made, none chosen.", images: samples, columns: columns(samples)),
        try ImageFigure(
          "Real", summary: "Images of the data set, for comparison.", images: real, columns: columns(real)),
      ]),
    ]
  }

  private func columns(_ images: Stack<Float>) -> Int {
    max(1, Int(Double(images.count).squareRoot().rounded(.up)))
  }

  private func calibration() -> [any Block] {
    let outcome = results.calibration
    let rows = outcome.parameters.map { parameter in
      let unit = Prefixed(parameter.unit)
      return [
        Self.title(of: parameter.name), unit.name, parameter.start.map(unit.text) ?? "–",
        unit.text(parameter.calibrated),
        parameter.truth.map(unit.text) ?? "unknown",
        parameter.truth.map { unit.small(parameter.calibrated - $0) } ?? "–",
      ]
    }
    return [
      Paragraph(
        "The twin was fitted to \(outcome.frames) frames of random squares, without knowledge of the plant. The angles "
          + "are twice the physical tilts."),
      Table(
        "Alignment parameters",
        columns: [Table.Column("Parameter"), Table.Column("Unit")]
          + ["Start", "Calibrated", "True", "Error"].map { .number($0) }, rows: rows),
      Table(
        "Discrepancy between twin and bench", note: "on \(outcome.heldOut) frames that the fit did not see",
        columns: [Table.Column("One minus"), .number("Before"), .number("After")],
        rows: [
          ["cosine similarity", compact(outcome.before.cosine, digits: 3), compact(outcome.after.cosine, digits: 3)],
          [
            "Pearson correlation", compact(outcome.before.pearson, digits: 3),
            compact(outcome.after.pearson, digits: 3),
          ],
        ]),
    ]
  }

  private func comparison() -> [any Block] {
    let trainers = results.comparison.trainers
    let rows = trainers.map { trainer in
      [
        trainer.name, fixed(trainer.finalError, decimals: 4),
        trainer.angleError.map { "\(fixed(100 * $0, decimals: 2)) %" } ?? "–",
        trainer.gapError.map { "\(fixed(1e6 * $0, decimals: 1)) µm" } ?? "–",
      ]
    }
    return [
      Paragraph(results.comparison.summary),
      Row([
        plot(
          "Error while training", of: "the error of training batches, on what each trainer learns from,",
          y: Axis("Mean squared error"), \.loss),
        plot(
          "Discrepancy of the twin", of: "one minus the correlation between twin and bench",
          y: Axis("Discrepancy", isLogarithmic: true), \.discrepancy),
      ]),
      Table(
        "At the end",
        note:
          "error on held-out images, measured on the bench with the readout that generation uses; angles and gap of the "
          + "trainer's twin",
        columns: [Table.Column("Trainer")] + ["Error", "Largest angle error", "Gap error"].map { .number($0) },
        rows: rows),
    ]
  }

  private func plot(
    _ title: String, of quantity: String, y: Axis, _ points: KeyPath<ComparisonOutcome.Trainer, [CurvePoint]>
  ) -> LinePlot {
    let trainers = results.comparison.trainers
    let ends = trainers.compactMap { trainer in
      trainer[keyPath: points].last.map { "\(trainer.name) ends at \(compact($0.y))" }
    }
    return LinePlot(
      title, summary: "How \(quantity) changes with the images learnt: \(ends.joined(separator: "; ")).",
      x: Axis("Images learnt", startsAtZero: true), y: y,
      series: trainers.map { trainer in
        let points = trainer[keyPath: points]
        return LinePlot.Series(
          trainer.name, points, mark: points.count > 1 ? .line : trainer.isReference ? .level : .star)
      })
  }

  private func layerSets() -> Table {
    Table(
      "Error of each layer set on the bench",
      note: "beside predictors without optics; a set that only learnt the mean image shows the second column",
      columns: [Table.Column("Timesteps")]
        + ["Bench", "Mean image", "Wiener filter", "Bench / Wiener"].map { .number($0) },
      rows: results.training.map { set in
        [
          "\(set.first)–\(set.last)", fixed(set.error, decimals: 4), fixed(set.meanImage, decimals: 4),
          fixed(set.wiener, decimals: 4),
          fixed(set.error / set.wiener, decimals: 2),
        ]
      })
  }

  private func phases() -> Table {
    let total = results.phases.reduce(0) { $0 + $1.duration }
    let rows =
      results.phases.map { [$0.name, fixed($0.duration, decimals: 1)] } + [["in all", fixed(total, decimals: 1)]]
    return Table("Time", columns: [Table.Column("Phase"), .number("Seconds")], rows: rows)
  }

  private func facts() -> Table {
    Table(
      "Run", columns: [Table.Column("What"), .number("Value")],
      rows: results.facts.map { [$0.name, $0.value] } + [
        ["threads", "\(results.threads)"], ["seed", "\(results.seed)"],
      ])
  }

  private func devices() -> Table {
    Table(
      "Devices", columns: ["Name", "Kind", "Driver"].map { Table.Column($0) } + [.number("Pixels")],
      rows: results.devices.map { [$0.name, $0.kind.rawValue, $0.driver, "\($0.width) × \($0.height)"] })
  }

  private static func title(of parameter: String) -> String {
    switch parameter {
    case "mirrorGap": "Mirror gap"
    case "mirrorTiltX": "Mirror angle, x"
    case "mirrorTiltY": "Mirror angle, y"
    case "beamTiltX": "Beam angle, x"
    case "beamTiltY": "Beam angle, y"
    case "spacing": "Spacing"
    default: parameter
    }
  }
}

/// Metres and radians with the prefix in which a bench is read: milli for values, micro for errors.
private struct Prefixed {
  private let unit: String
  init(_ unit: String) { self.unit = unit }

  private var isScaled: Bool { unit == "m" || unit == "rad" }
  var name: String { isScaled ? "m\(unit)" : unit }
  func text(_ value: Double) -> String { isScaled ? fixed(1e3 * value, decimals: 4) : compact(value) }
  func small(_ value: Double) -> String { isScaled ? "\(fixed(1e6 * value, decimals: 1)) µ\(unit)" : compact(value) }
}
