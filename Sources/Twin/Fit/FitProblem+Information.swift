import Fitting

extension FitProblem {
  /// What the frames say about all parameters that move.
  ///
  /// - Parameters:
  ///   - finer: the same frames and parameters with a finer sampling; nil when there is no doubt about the sampling.
  func information(at values: [Double], steps: [Double], finer: FitProblem?) throws -> FrameInformation {
    let changes = try finer.map { try samplingChanges(to: $0, at: values) }
    let priors = moving.map { $0.prior / $0.scale }
    let parts = try derivatives(at: values, steps: steps) { index, target, residuals, columns in
      var normal = NormalEquations(unknowns: columns.count)
      normal.add(residuals: residuals, columns: columns)
      let scores = target.tiles(FrameInformation.tile).map { tile in
        columns.map { column in tile.reduce(0) { $0 + column[$1] * residuals[$1] } }
      }
      let artefact = changes.map { changes in columns.map { NormalEquations.product($0, changes[index]) } }
      return (normal: normal, scores: scores, artefact: artefact)
    }
    let count = moving.count
    var normal = NormalEquations(unknowns: count)
    var (scatter, artefact) = ([Double](repeating: 0, count: count * count), [Double](repeating: 0, count: count))
    var tiles = 0
    for part in parts {
      normal.add(part.normal)
      for (index, value) in (part.artefact ?? []).enumerated() { artefact[index] += value * priors[index] }
      for score in part.scores {
        tiles += 1
        for row in 0..<count {
          let factor = score[row] * priors[row]
          for column in 0..<count { scatter[row * count + column] += factor * score[column] * priors[column] }
        }
      }
    }
    // What was fitted to the residuals has made them smaller.
    let correction = Double(tiles) / Double(max(1, tiles - count))
    let samples = targets.reduce(-Double(count)) { $0 + $1.degrees }
    return FrameInformation(
      parameters: moving,
      curvature: normal.curvature.enumerated().map { $1 * priors[$0 / count] * priors[$0 % count] },
      scatter: scatter.map { $0 * correction }, artefact: artefact, residual: 2 * normal.cost / max(1, samples),
      gauges: Gauge.changes(twin.description.geometry, moving).map { change in
        moving.map { (change[$0.name] ?? 0) / $0.prior }
      })
  }

  /// By how much each residual of each frame changes with a finer sampling.
  private func samplingChanges(to finer: FitProblem, at values: [Double]) throws -> [[Double]] {
    let (coarse, fine) = (try twin.with(parameters(at: values)), try finer.twin.with(parameters(at: values)))
    return try map { _, target in
      let before = target.residuals(try computed(coarse, target)).residuals
      return zip(target.residuals(try computed(fine, target)).residuals, before).map { $0 - $1 }
    }
  }
}

extension FrameTarget {
  /// The indices of the samples in each tile of the frame; tiles are about `side` wide and share the frame evenly.
  func tiles(_ side: Int) -> [[Int]] {
    let height = values.count / width
    let (rows, columns) = (max(1, height / side), max(1, width / side))
    var tiles = [[Int]](repeating: [], count: rows * columns)
    for y in 0..<height {
      for x in 0..<width { tiles[y * rows / height * columns + x * columns / width].append(y * width + x) }
    }
    return tiles
  }
}
