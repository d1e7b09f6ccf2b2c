import Fitting

/// What frames say about parameters at one point: how much each change of the parameters changes the frames, and with which
/// variance that is seen. Everything is in units of the parameters' priors.
struct FrameInformation: Sendable {
  /// The parameters whose columns these are.
  let parameters: [TwinParameter]
  /// JᵀJ of the residuals r, row-major.
  let curvature: [Double]
  /// Jᵀr.
  let slope: [Double]
  /// Σ s·sᵀ over the tiles of the frames, with s = Jᵀr of a tile: the variance of Jᵀr when residuals of different tiles are
  /// independent, and those within one are as correlated as they please (Liang and Zeger, Biometrika 73, 13 (1986)).
  let scatter: [Double]
  /// Jᵀδ, with δ what changes in the frames when the twin is sampled twice as finely.
  let artefact: [Double]
  /// ΔJᵀΔJ, with ΔJ what changes in J when the twin is sampled twice as finely.
  let wander: [Double]
  /// How many parameters are considered: they stay where they are, and may be off by their priors.
  let considered: Int
  /// JᵀC, with C what one prior of each of those changes in the residuals, row-major.
  let coupling: [Double]
  /// Mean square residual.
  let residual: Double

  /// Samples along each side of a tile. Residuals of a twin that lacks something are correlated over some ten.
  static let tile = 20
}

/// One principal direction: the frames change along it independently of the others.
struct PrincipalDirection: Sendable {
  /// By parameter in units of their priors, of unit length.
  var vector: [Double]
  /// The squared change of all frames for one prior along it, in units of the frames' variance.
  var change: Double
  /// The variance of a residual along this change, by the residuals and their correlation.
  var noise: Double
  /// What changes along it with the sampling, squared.
  var artefact: Double
  /// Whether it is a wander: the sampling changes the derivative by more than there is of it. Then frames say nothing; the
  /// light does not see the direction, and what is computed has a minimum for each sample.
  var isWander: Bool

  /// What the frames say, in units of what the priors do.
  var information: Double { isWander ? 0 : change / (noise + artefact) }

  /// How far the frames pull along the direction what is moved by something else, from 0 to 1 over `change`.
  var compliance: Double { isWander ? 0 : 1 / (change + noise + artefact) }
}

extension FrameInformation {
  /// The directions of some of the parameters, by their indices.
  func directions(of indices: [Int]) -> [PrincipalDirection] {
    let count = indices.count
    func part(_ matrix: [Double]) -> [Double] {
      indices.flatMap { row in indices.map { matrix[row * parameters.count + $0] } }
    }
    let eigen = SymmetricEigen(part(curvature), order: count)
    let (scatter, wander) = (part(self.scatter), part(self.wander))
    let artefact = indices.map { self.artefact[$0] }
    // Along with how much the frames change, so that neighbours are alike.
    let order = (0..<count).sorted { eigen.values[$0] < eigen.values[$1] }
    let vectors = order.map { Array(eigen.vectors[$0 * count..<($0 + 1) * count]) }
    let changes = order.map { max(eigen.values[$0], 0) }
    let mimicked = zip(vectors, changes).map { vector, change -> Double in
      let slope = NormalEquations.product(vector, artefact)
      return change > 0 ? slope * slope / change : 0
    }
    return (0..<count).map { index in
      let (vector, change) = (vectors[index], changes[index])
      let seen = change > 0 ? Self.form(scatter, vector) / change : 0
      // One δ is one draw, and may miss a direction by chance: its neighbours count as well.
      let near = mimicked[max(0, index - Self.neighbours)...min(count - 1, index + Self.neighbours)].sorted()
      return PrincipalDirection(
        vector: vector, change: change, noise: max(seen, residual, Self.smallestResidual),
        artefact: max(mimicked[index], near[near.count / 2]), isWander: Self.form(wander, vector) > change)
    }
  }

  private static let neighbours = 2

  /// The step, in units of the priors, to where frames and priors meet: the lowest point of ½|r + J·x|² and the priors, which
  /// weigh as much as the noise along each direction, and decide alone where frames say nothing.
  ///
  /// - Parameters:
  ///   - deviations: of these parameters from where their priors stand.
  ///   - slope: Jᵀr.
  static func step(
    _ directions: [PrincipalDirection], deviations: [Double], slope: [Double]
  ) -> [Double] {
    var step = [Double](repeating: 0, count: deviations.count)
    for direction in directions {
      let deviation = NormalEquations.product(direction.vector, deviations)
      let pull = NormalEquations.product(direction.vector, slope)
      let size =
        direction.isWander
        ? -deviation : -(pull + direction.noise * deviation) / (direction.change + direction.noise)
      for index in step.indices { step[index] += size * direction.vector[index] }
    }
    return step
  }

  /// vᵀ·A·v.
  private static func form(_ matrix: [Double], _ vector: [Double]) -> Double {
    let count = vector.count
    return (0..<count).reduce(0) { sum, row in
      sum + vector[row] * NormalEquations.product(Array(matrix[row * count..<(row + 1) * count]), vector)
    }
  }

  /// Derivatives in single precision are not exact: below this mean square residual they claim to know too much.
  private static let smallestResidual = 1e-12
}

extension [PrincipalDirection] {
  /// Whether a step, in units of the priors, moves nothing along any direction by more than a tenth of what it may be off: the next one
  /// would be several times shorter.
  func areSettled(by step: [Double]) -> Bool {
    allSatisfy { direction in
      let size = NormalEquations.product(direction.vector, step)
      return size * size * (1 + direction.information) <= Self.settled * Self.settled
    }
  }

  private static var settled: Double { 0.1 }

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
  /// The covariance of all parameters in units of their priors, when only some of them were moved. The others keep what was
  /// believed of them; what they and the considered ones may be off pulls those that were moved aside (Schmidt, Advances in
  /// Control Systems 3, 293 (1966)).
  ///
  /// - Parameter moved: their indices.
  func covariance(moved: [Int]) -> [Double] {
    let count = parameters.count
    let fixed = (0..<count).filter { !moved.contains($0) }
    let directions = directions(of: moved)
    var result = [Double](repeating: 0, count: count * count)
    for index in fixed { result[index * count + index] = 1 }
    let own = directions.covariance
    let inverse = directions.sum(\.compliance)
    // JᵀC of the moved parameters with the fixed ones and the considered ones, and how far each moved one follows each of those.
    let couplings = moved.map { row in
      fixed.map { curvature[row * count + $0] } + coupling[row * considered..<(row + 1) * considered]
    }
    let pulls = (0..<moved.count).map { row in
      (0..<fixed.count + considered).map { other in
        -(0..<moved.count).reduce(0) { $0 + inverse[row * moved.count + $1] * couplings[$1][other] }
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
