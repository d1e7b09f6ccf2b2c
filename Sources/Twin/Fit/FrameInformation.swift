import Fitting

/// What frames say about parameters at one point: how much each change of the parameters changes the frames, and what of
/// that can be told from what the twin does not know.
struct FrameInformation: Sendable {
  /// The parameters whose columns these are.
  let parameters: [TwinParameter]
  /// JᵀJ of the residuals by the parameters in units of their priors, row-major.
  let curvature: [Double]
  /// Σ s·sᵀ over the tiles of the frames, with s = Jᵀr of a tile: the variance of Jᵀr when residuals of different tiles are
  /// independent, and those within one are as correlated as they please (Liang and Zeger, Biometrika 73, 13 (1986)).
  let scatter: [Double]
  /// Jᵀδ, with δ what changes in the frames when the twin is sampled twice as finely.
  let artefact: [Double]
  /// Mean square residual.
  let residual: Double
  /// Changes of the parameters in units of their priors with which every frame stays as it is; see ``Gauge``. What the
  /// twin computes along them is a wander of its sampling.
  let gauges: [[Double]]

  /// Samples along each side of a tile. Residuals of a twin that lacks something are correlated over some ten.
  static let tile = 20
}

/// One principal direction: the frames change along it independently of the others.
struct PrincipalDirection: Sendable {
  /// By parameter in units of their priors, of unit length.
  var vector: [Double]
  /// The squared change of all frames for one prior along it, in units of the frames' variance.
  var change: Double
  /// The variance that a residual along this change counts with: its correlation, and what sampling changes. The latter is
  /// one draw, so the mean over all directions counts as much as the direction's own.
  var variance: Double
  /// The part of `change` that can be told from an artefact of the sampling.
  var trust: Double

  /// What the frames say, in units of what the priors do.
  var information: Double { variance > 0 ? trust * change / variance : 0 }

  /// What the direction must be believed with, so that the frames weigh no more than they say: one for a prior, in units of
  /// the residuals' variance.
  var stiffness: Double { variance / max(trust, Self.smallestTrust) }

  private static let smallestTrust = 1e-9
}

extension FrameInformation {
  /// The directions of some of the parameters, by their indices.
  func directions(of indices: [Int]) -> [PrincipalDirection] {
    let count = indices.count
    let gauges = gauges(within: indices)
    func part(_ matrix: [Double]) -> [Double] {
      Gauge.remove(gauges, from: indices.flatMap { row in indices.map { matrix[row * parameters.count + $0] } })
    }
    let eigen = SymmetricEigen(part(curvature), order: count)
    let scatter = part(self.scatter)
    let artefact = indices.map { self.artefact[$0] }
    let vectors = (0..<count).map { Array(eigen.vectors[$0 * count..<($0 + 1) * count]) }
    let floor = max(residual, Self.smallestResidual)
    // Directions that the frames do not show can mimic nothing.
    let changes = eigen.values.map { max($0, 0) }
    let mimicked = (0..<count).map { index -> Double in
      guard changes[index] > Self.smallestChange * floor else { return 0 }
      let slope = NormalEquations.product(vectors[index], artefact)
      return slope * slope / changes[index]
    }
    let threshold = mimicked.reduce(0, +)
    let mean = threshold / Double(max(1, count))
    return (0..<count).map { index -> PrincipalDirection in
      let change = changes[index]
      let noise = change > 0 ? Self.form(scatter, vectors[index]) / change : 0
      let ratio = change > 0 ? threshold / change : threshold > 0 ? .infinity : 0
      return PrincipalDirection(
        vector: vectors[index], change: change, variance: max(noise, floor) + (mimicked[index] + mean) / 2,
        trust: 1 / (1 + ratio * ratio))
    }
  }

  /// The gauges that these parameters can follow, orthonormal.
  private func gauges(within indices: [Int]) -> [[Double]] {
    let outside = parameters.indices.filter { !indices.contains($0) }
    let possible = gauges.filter { gauge in outside.allSatisfy { gauge[$0] == 0 } }
    return Gauge.orthonormal(possible.map { gauge in indices.map { gauge[$0] } })
  }

  /// vᵀ·A·v.
  private static func form(_ matrix: [Double], _ vector: [Double]) -> Double {
    let count = vector.count
    return (0..<count).reduce(0) { sum, row in
      sum + vector[row] * NormalEquations.product(Array(matrix[row * count..<(row + 1) * count]), vector)
    }
  }

  /// Derivatives by differences are not exact: below this mean square residual they claim to know too much.
  private static let smallestResidual = 1e-12
  /// The least change, in units of the residual, of a direction that the frames show.
  private static let smallestChange = 1e-2
}

extension [PrincipalDirection] {
  /// What must be believed in a fit of the parameters around the values at which their priors stand.
  func belief(_ parameters: [TwinParameter]) -> Belief {
    let weights = parameters.map { $0.scale / $0.prior }
    return Belief(
      centre: parameters.map { $0.value / $0.scale },
      precision: sum(\.stiffness).enumerated().map {
        $1 * weights[$0 / weights.count] * weights[$0 % weights.count]
      })
  }

  /// The covariance in units of the priors.
  var covariance: [Double] { sum { 1 / (1 + $0.information) } }

  /// Σ f·v·vᵀ, row-major.
  func sum(_ weight: (PrincipalDirection) -> Double) -> [Double] {
    let count = first?.vector.count ?? 0
    var matrix = [Double](repeating: 0, count: count * count)
    for direction in self {
      let weight = weight(direction)
      for row in 0..<count {
        let factor = weight * direction.vector[row]
        for column in 0..<count { matrix[row * count + column] += factor * direction.vector[column] }
      }
    }
    return matrix
  }
}

extension FrameInformation {
  /// The covariance of all parameters in units of their priors, when only some of them were moved: the others keep what was
  /// believed of them, and what they may be off pulls those that were moved aside.
  ///
  /// - Parameter moved: their indices.
  func covariance(moved: [Int]) -> [Double] {
    let count = parameters.count
    let fixed = (0..<count).filter { !moved.contains($0) }
    let directions = directions(of: moved)
    var result = [Double](repeating: 0, count: count * count)
    for index in fixed { result[index * count + index] = 1 }
    let own = directions.covariance
    let inverse = directions.sum { 1 / ($0.change + $0.stiffness) }
    // How far each moved parameter follows each fixed one.
    let pulls = (0..<moved.count).map { row in
      fixed.map { other in
        -(0..<moved.count).reduce(0) {
          $0 + inverse[row * moved.count + $1] * curvature[moved[$1] * count + other]
        }
      }
    }
    for (row, parameter) in moved.enumerated() {
      for (column, other) in moved.enumerated() {
        result[parameter * count + other] =
          own[row * moved.count + column] + zip(pulls[row], pulls[column]).reduce(0) { $0 + $1.0 * $1.1 }
      }
      for (column, other) in fixed.enumerated() {
        result[parameter * count + other] = pulls[row][column]
        result[other * count + parameter] = pulls[row][column]
      }
    }
    return result
  }
}
