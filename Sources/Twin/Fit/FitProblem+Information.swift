import Fitting

extension FitProblem {
  /// What the frames say about all parameters that move.
  ///
  /// - Parameters:
  ///   - finer: the same problem with a finer sampling, from which the derivatives are taken; nil when there is no doubt about
  ///     the sampling.
  ///   - considered: parameters that stay where they are, and may be off by their priors.
  func information(
    at values: [Double], finer: FitProblem?, considering considered: [TwinParameter] = []
  ) throws -> FrameInformation {
    let own = try derivatives(at: values)
    let fine = try finer?.derivatives(at: values)
    let effects = try effects(of: considered, on: parameters(at: values))
    let work = FitWork.information(moving, sampling: sampling, considered: considered, isDoubted: finer != nil)
    let parts = try map(work) { _, target in
      let (residuals, coarse) = try own(target)
      let tiles = target.tiles(FrameInformation.tile)
      let effects = try effects(target)
      guard let (fineResiduals, columns) = try fine?(target) else {
        return FramePart(residuals, coarse, tiles, effects)
      }
      var part = FramePart(residuals, columns, tiles, effects)
      let change = zip(fineResiduals, residuals).map { $0 - $1 }
      part.artefact = columns.map { NormalEquations.product($0, change) }
      part.wander.add(residuals: change, columns: zip(columns, coarse).map { zip($0, $1).map { $0 - $1 } })
      return part
    }
    return information(parts, considered: considered.count)
  }

  /// What one prior of each parameter changes in the residuals of a frame. What has no slope where it stands, such as a point spread of
  /// 0, has that of half a prior away, as in a search.
  private func effects(
    of considered: [TwinParameter], on parameters: TwinParameters
  ) throws -> @Sendable (FrameTarget) throws -> [[Double]] {
    guard !considered.isEmpty else { return { _ in [] } }
    var released = parameters
    for parameter in considered { released[parameter.name] = parameter.released }
    let problem = FitProblem(
      twin: twin, parameters: released, moving: considered, targets: targets, block: block, blur: blur, threads: threads
    )
    let derivatives = try problem.derivatives(at: problem.values(of: released))
    return { target in
      zip(try derivatives(target).columns, considered).map { column, parameter in
        column.map { $0 * parameter.prior / parameter.scale }
      }
    }
  }

  /// What one frame adds.
  private struct FramePart: Sendable {
    var normal: NormalEquations
    /// Jᵀr of each tile.
    var scores: [[Double]]
    /// Jᵀδ, with δ what changes with the sampling.
    var artefact: [Double]
    /// Of what changes in J with the sampling.
    var wander: NormalEquations
    /// JᵀC, with C what each considered parameter changes, row by row.
    var coupling: [Double]

    init(_ residuals: [Double], _ columns: [[Double]], _ tiles: [[Int]], _ effects: [[Double]]) {
      normal = NormalEquations(unknowns: columns.count)
      normal.add(residuals: residuals, columns: columns)
      scores = tiles.map { tile in columns.map { column in tile.reduce(0) { $0 + column[$1] * residuals[$1] } } }
      artefact = [Double](repeating: 0, count: columns.count)
      wander = NormalEquations(unknowns: columns.count)
      coupling = columns.flatMap { column in effects.map { NormalEquations.product(column, $0) } }
    }
  }

  private func information(_ parts: [FramePart], considered: Int) -> FrameInformation {
    let priors = moving.map { $0.prior / $0.scale }
    let count = moving.count
    let tiles = parts.reduce(0) { $0 + $1.scores.count }
    // What was fitted to the residuals has made them smaller.
    let correction = Double(tiles) / Double(max(1, tiles - count))
    var normal = NormalEquations(unknowns: count)
    var (scatter, artefact) = ([Double](repeating: 0, count: count * count), [Double](repeating: 0, count: count))
    func add(_ score: [Double], weight: Double) {
      for row in 0..<count {
        let factor = weight * score[row] * priors[row]
        for column in 0..<count { scatter[row * count + column] += factor * score[column] * priors[column] }
      }
    }
    var wander = NormalEquations(unknowns: count)
    var coupling = [Double](repeating: 0, count: count * considered)
    for part in parts {
      normal.add(part.normal)
      wander.add(part.wander)
      for score in part.scores { add(score, weight: correction) }
      for (index, value) in part.artefact.enumerated() { artefact[index] += value * priors[index] }
      for (index, value) in part.coupling.enumerated() { coupling[index] += value * priors[index / considered] }
    }
    let samples = targets.reduce(-Double(count)) { $0 + $1.degrees }
    return FrameInformation(
      parameters: moving,
      curvature: normal.curvature.enumerated().map { $1 * priors[$0 / count] * priors[$0 % count] },
      slope: zip(normal.slope, priors).map { $0 * $1 }, scatter: scatter, artefact: artefact,
      wander: wander.curvature.enumerated().map { $1 * priors[$0 / count] * priors[$0 % count] },
      considered: considered, coupling: coupling, residual: 2 * normal.cost / max(1, samples))
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
