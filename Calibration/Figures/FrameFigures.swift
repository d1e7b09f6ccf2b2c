import Arrays
import Measuring
import Report
import Twin

/// The frames of a plan beside what a bench's twin predicts of them.
struct FrameFigures {
  private let acquired: AcquiredFrames
  /// As bright as the frames.
  private let predicted: Stack<Double>
  /// 1 - Pearson of each frame.
  private let discrepancies: [Double]

  /// Rows of the table, and pixels along each side of a picture at most.
  private static let (rows, side) = (4, 96)
  /// The part of all pixels that is not cut off.
  private static let white = 0.995

  init(_ acquired: AcquiredFrames, on bench: CalibratedBench, sampling: Int, threads: Int) throws {
    let (twin, frames) = (try bench.twin(sampling: sampling, threads: threads), acquired.frames)
    var predicted = Stack<Double>(count: frames.count, height: frames.height, width: frames.width)
    var discrepancies: [Double] = []
    for index in 0..<frames.count {
      var plane = try acquired.prediction(of: index, by: twin)
      let measured = frames.planes(index..<index + 1)
      discrepancies.append(Discrepancy(measured, plane).pearson)
      let gain = plane.values.gain(to: measured.values)
      for sample in plane.values.indices { plane.values[sample] *= gain }
      predicted.values.replaceSubrange(predicted.range(ofPlane: index), with: plane.values)
    }
    (self.acquired, self.predicted, self.discrepancies) = (acquired, predicted, discrepancies)
  }

  var figures: [Figure] { [.pictures(pictures), .curves(residuals)] }

  /// The best and the worst of the frames, and what lies evenly between them.
  private var chosen: [Int] {
    let sorted = discrepancies.indices.sorted { discrepancies[$0] < discrepancies[$1] }
    guard sorted.count > Self.rows else { return sorted }
    return (0..<Self.rows).map { sorted[$0 * (sorted.count - 1) / (Self.rows - 1)] }
  }

  private var pictures: PictureTable {
    let chosen = chosen
    let frames = chosen.map { acquired.frames.planes($0..<$0 + 1) }
    let predictions = chosen.map { predicted.planes($0..<$0 + 1) }
    let differences = zip(frames, predictions).map { frame, prediction in
      var difference = frame
      for index in difference.values.indices { difference.values[index] -= prediction.values[index] }
      return difference
    }
    let sorted = frames.flatMap(\.values).sorted()
    let brightest = sorted.isEmpty ? 1 : sorted[Int(Double(sorted.count - 1) * Self.white)]
    let largest = differences.flatMap(\.values).reduce(0) { max($0, abs($1)) }
    return PictureTable(
      "Frames",
      summary:
        "from the best to the worst predicted. The brightest pixels are cut off at white; predictions are as bright as their frames.",
      columns: [
        .init("First layer", unit: "rad", palette: .cyclic, low: 0, high: 2 * .pi),
        .init("Measured", low: 0, high: brightest), .init("Predicted", low: 0, high: brightest),
        .init("Difference", palette: .signed, low: -largest, high: largest),
      ],
      rows: chosen.indices.map { index in
        let frame = chosen[index]
        return .init(
          "frame \(frame + 1)",
          [
            acquired.plan.patterns[frame].planes(0..<1).thinned(to: Self.side),
            frames[index].meaned(to: Self.side), predictions[index].meaned(to: Self.side),
            differences[index].meaned(to: Self.side),
          ])
      })
  }

  private var residuals: LinePlot {
    let heldOut = Set(acquired.plan.heldOutFrames)
    func dots(_ name: String, _ frames: [Int]) -> LinePlot.Series {
      .init(name, frames.map { CurvePoint(x: Double($0 + 1), y: discrepancies[$0]) }, mark: .dots)
    }
    var series = [
      dots("fitted", discrepancies.indices.filter { !heldOut.contains($0) }), dots("held out", heldOut.sorted()),
    ]
    if let noise = acquired.noiseDiscrepancy {
      series.append(.init("noise of a frame", [CurvePoint(x: 1, y: noise)], mark: .level))
    }
    return LinePlot(
      "Residual by frame", summary: "1 - Pearson between each frame and its prediction.",
      x: Axis("frame"), y: Axis("1 - Pearson", startsAtZero: true), series: series.filter { !$0.points.isEmpty })
  }
}
