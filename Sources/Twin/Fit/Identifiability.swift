import Fitting
import ReadableNumbers

/// Which combinations of parameters a set of frames tells apart.
public struct Identifiability: Sendable, Codable, Equatable {
  /// A direction in which the frames say little.
  public struct Weakness: Sendable, Codable, Equatable {
    /// How much a frame tells of the combination; one of ``Identifiability/singularValues``.
    public var singularValue: Double
    /// How many times worse it is known than a typical direction.
    public var ratio: Double
    /// The share of each parameter that matters, in units of its scale, largest first; the largest is 1.
    public var combination: [Part]
    /// Whether the value is what was believed before rather than what the frames say.
    public var isLeftToPrior: Bool
    /// The combination for people.
    public var words: String

    /// A parameter of a combination.
    public struct Part: Sendable, Codable, Equatable {
      /// The parameter.
      public var name: String
      /// Its share, in units of its scale; the largest of a combination is 1.
      public var coefficient: Double
    }
  }

  /// Along the principal directions, largest first: the change of a frame, in standard deviations of its samples, for a change
  /// of one prior along the direction.
  public var singularValues: [Double]
  /// The directions that are known ten times worse than the median one, or that are left to their priors; the worst first.
  public var weaknesses: [Weakness]

  /// - Parameter samples: how many residuals there are.
  init(_ parameters: [TwinParameter], _ directions: [PrincipalDirection], samples: Int) {
    let sorted = directions.sorted { $0.change > $1.change }
    let values = sorted.map { ($0.change / Double(max(1, samples))).squareRoot() }
    singularValues = values
    let median = values[values.count / 2]
    weaknesses = zip(sorted, values).reversed().compactMap { direction, value in
      // In units of the scales, so that lengths of a kind stand side by side.
      let vector = zip(direction.vector, parameters).map { $0 * $1.prior / $1.scale }
      let length = NormalEquations.product(vector, vector).squareRoot()
      let ratio = value > Self.unseen * length ? median / value : .infinity
      let isLeftToPrior = direction.information < 1
      guard ratio >= Self.weakRatio || isLeftToPrior else { return nil }
      return Weakness(vector, parameters, singularValue: value, ratio: ratio, isLeftToPrior: isLeftToPrior)
    }
  }

  fileprivate static let weakRatio = 10.0
  /// The smallest change of a frame, for a change of one scale, that derivatives in single precision can tell from none.
  private static let unseen = 1e-6

  /// The worst direction in words when the frames do not depend on it at all.
  ///
  /// - Parameters:
  ///   - samples: how many residuals there are, in standard deviations of their frames.
  ///   - tolerance: the smallest singular value, as a part of the largest, that derivatives in single precision can
  ///     tell from zero.
  static func singular(
    _ parameters: [TwinParameter], curvature: [Double], samples: Double, tolerance: Double
  ) -> String? {
    let count = parameters.count
    // Columns of unit length: a parameter with little effect is not yet one without.
    let lengths = (0..<count).map { max(curvature[$0 * count + $0], 0).squareRoot() }
    // A column as long as the frames themselves keeps rounding from being the longest when nothing has an effect.
    let longest = max(lengths.max() ?? 0, samples.squareRoot())
    if let index = lengths.firstIndex(where: { $0 <= tolerance * longest }) { return parameters[index].name }
    let scaled = curvature.enumerated().map { $1 / (lengths[$0 / count] * lengths[$0 % count]) }
    let eigen = SymmetricEigen(scaled, order: count)
    guard let index = eigen.values.indices.min(by: { eigen.values[$0] < eigen.values[$1] }),
      eigen.values[index] <= tolerance * tolerance * Double(count)
    else { return nil }
    let vector = (0..<count).map { eigen.vectors[index * count + $0] / lengths[$0] }
    return Weakness.words(Weakness.parts(vector, parameters), parameters)
  }
}

extension Identifiability.Weakness {
  init(
    _ vector: [Double], _ parameters: [TwinParameter], singularValue: Double, ratio: Double, isLeftToPrior: Bool
  ) {
    self.singularValue = singularValue
    self.ratio = ratio
    self.isLeftToPrior = isLeftToPrior
    combination = Self.parts(vector, parameters)
    let subject = Self.words(combination, parameters)
    var known = ""
    if ratio >= Identifiability.weakRatio {
      known = ratio.isFinite ? " is known \(brief(ratio)) times worse than the rest" : " is not known at all"
    }
    words = subject + known + (isLeftToPrior ? ": the frames leave it to the prior" : "")
  }

  /// The parameters with at least a seventh of the largest share, eight at most.
  static func parts(_ vector: [Double], _ parameters: [TwinParameter]) -> [Part] {
    let order = vector.indices.sorted { abs(vector[$0]) > abs(vector[$1]) }
    guard let first = order.first, vector[first] != 0 else { return [] }
    return order.prefix(8).map { Part(name: parameters[$0].name, coefficient: vector[$0] / vector[first]) }
      .filter { abs($0.coefficient) >= 1.0 / 7 }
  }

  static func words(_ parts: [Part], _ parameters: [TwinParameter]) -> String {
    let named = parts.compactMap { part in parameters.first { $0.name == part.name } }
    guard let first = named.first else { return "nothing" }
    let isUniform = named.allSatisfy { $0.unit == first.unit && $0.scale == first.scale }
    var text = ""
    for part in parts {
      let size = brief(abs(part.coefficient))
      let term = size == "1.0" ? part.name : "\(size)·\(part.name)"
      if text.isEmpty { text = term } else { text += (part.coefficient < 0 ? " - " : " + ") + term }
    }
    return isUniform || parts.count == 1 ? text : text + " (in units of their scales)"
  }
}
