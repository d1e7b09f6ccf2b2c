import Arrays
import Report
import Twin

/// The wavefront of the light that was found, the layers' maps, and how the fineness of maps was chosen.
struct SourceFigures {
  private let fit: SourceFitReport
  /// Without piston and tilt, in waves, on the samples on which an image lies.
  private let wavefront: Stack<Double>

  /// Pixels along each side of the map at most.
  private static let side = 160

  init(_ outcome: SourceRoutine.Outcome, on bench: CalibratedBench, sampling: Int) throws {
    fit = outcome.fit
    var description = bench.description
    description.geometry.sampling = max(sampling, description.geometry.sampling)
    let lit = try LitWavefront(description)
    let waves = lit.withoutTilt(lit.phase(fit.parameters, fit.forms.source)).map { $0 / (2 * .pi) }
    let side = Int(Double(waves.count).squareRoot().rounded())
    wavefront = Stack(count: 1, height: side, width: side, values: waves)
  }

  var figures: [Figure] {
    let largest = wavefront.values.reduce(0) { max($0, abs($1)) }
    let map = PictureTable(
      "Wavefront", summary: "of the light on the input, where images lie, without piston and tilt.",
      columns: [.init("Phase", unit: "waves", palette: .signed, low: -largest, high: largest)],
      rows: [.init("", [wavefront.meaned(to: Self.side)])])
    return [.pictures(map)] + layers + (fit.trials.count > 1 ? [.curves(choice)] : [])
  }

  /// What is not flat about the layers, beyond their polynomials.
  private var layers: [Figure] {
    guard let maps = fit.forms.layers, !maps.isEmpty else { return [] }
    let planes = maps.map { map in
      Stack<Double>(count: 1, height: Self.side, width: Self.side, values: map.values(side: Self.side))
    }
    let largest = planes.flatMap(\.values).reduce(0) { max($0, abs($1)) }
    return [
      .pictures(
        PictureTable(
          "Layers", summary: "What maps add to the polynomials of each layer.",
          columns: planes.indices.map {
            .init("Layer \($0 + 1)", unit: "rad", palette: .signed, low: -largest, high: largest)
          },
          rows: [.init("", planes.map { $0.meaned(to: Self.side) })]))
    ]
  }

  private var choice: LinePlot {
    LinePlot(
      "How fine a map the frames carry", summary: "1 - Pearson on held-out patterns for each fineness that was tried.",
      x: Axis("coefficients along each side"), y: Axis("1 - Pearson", startsAtZero: true),
      series: [
        .init("map of the source", trials(ofLayers: false), mark: .dots),
        .init("and maps of the layers", trials(ofLayers: true), mark: .dots),
      ].filter { !$0.points.isEmpty })
  }

  private func trials(ofLayers: Bool) -> [CurvePoint] {
    fit.trials.filter { $0.shape.ofLayers == ofLayers }.map {
      CurvePoint(x: Double($0.shape.fineness ?? 0), y: $0.heldOut)
    }
  }
}
