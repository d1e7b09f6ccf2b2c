/// What is known of parameters together: how sure their values are, and how they vary with each other.
public struct Posterior: Sendable, Codable, Equatable {
  public private(set) var names: [String]
  /// In the order of the names and the parameters' SI units, row by row.
  public private(set) var covariance: [Double]

  public init() { (names, covariance) = ([], []) }

  /// - Precondition: the covariance has a row and a column for each name.
  public init(names: [String], covariance: [Double]) {
    precondition(covariance.count == names.count * names.count, "a covariance has a row and a column for each name")
    (self.names, self.covariance) = (names, covariance)
  }

  /// The covariance of two parameters; nil when it is not known.
  public subscript(first: String, second: String) -> Double? {
    guard let row = names.firstIndex(of: first), let column = names.firstIndex(of: second) else { return nil }
    return covariance[row * names.count + column]
  }

  public func standardDeviation(of name: String) -> Double? { self[name, name].map { max(0, $0).squareRoot() } }

  /// What is known after a later calibration: of its parameters what it found, of the others what was known; between the two,
  /// nothing is.
  public func replaced(by later: Posterior) -> Posterior {
    let kept = names.filter { !later.names.contains($0) }
    let all = kept + later.names
    return Posterior(
      names: all,
      covariance: all.flatMap { row in
        all.map { later[row, $0] ?? (kept.contains(row) && kept.contains($0) ? self[row, $0]! : 0) }
      })
  }
}

/// One that is read from a file may have any shape.
extension Posterior {
  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    let names = try members.decode([String].self, forKey: .names)
    let covariance = try members.decode([Double].self, forKey: .covariance)
    guard covariance.count == names.count * names.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .covariance, in: members,
        debugDescription: "a covariance of \(names.count) parameters has other numbers")
    }
    self.init(names: names, covariance: covariance)
  }
}
