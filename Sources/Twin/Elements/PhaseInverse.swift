import Arrays

/// Chooses the command that shows a phase: of those that a modulator has, the one whose phase is nearest on the circle.
///
/// It is made once from a response and then a table: a pixel costs a look at it. Of a modulator that reaches beyond a turn the commands of the
/// first turn are used, so that neighbouring phases have neighbouring commands.
public struct PhaseInverse: Sendable, Equatable {
  /// Commands of a turn, equally spaced: command k is k/count of it.
  public let count: Int
  /// Regions along each side of a layer that have a response of their own; 1 for the same all over.
  let regionsPerSide: Int
  /// The commands that may be chosen.
  let usable: ClosedRange<Int>
  /// The phase of every command, and how fast it rises there, in turns by turns. One for each region, layer by layer; a single one
  /// where all layers show the same.
  let curves: [Curve]
  private let circles: [PhaseCircle]

  /// Along each side of a layer.
  static let mostRegions = 8

  /// Whether it has a curve for every region of so many layers.
  func serves(layers: Int) -> Bool { curves.count == 1 || curves.count == layers * regionsPerSide * regionsPerSide }

  struct Curve: Sendable, Codable, Equatable {
    var phases: [Double]
    var slopes: [Double]
  }

  /// - Precondition: every curve has `count` commands, of which the usable ones are some.
  init(count: Int, regionsPerSide: Int, curves: [Curve], usable: ClosedRange<Int>) {
    precondition((0..<count).contains(usable.lowerBound) && usable.upperBound < count)
    precondition(curves.allSatisfy { $0.phases.count == count && $0.slopes.count == count })
    (self.count, self.regionsPerSide) = (count, regionsPerSide)
    (self.curves, self.usable) = (curves, usable)
    circles = curves.map { PhaseCircle($0.phases, among: usable) }
  }

  /// The curve that counts for a pixel of a layer of `grid` × `grid`.
  @inline(__always)
  func curve(_ plane: Int, _ y: Int, _ x: Int, of grid: Int) -> Int {
    guard curves.count > 1 else { return 0 }
    return (plane * regionsPerSide + y * regionsPerSide / grid) * regionsPerSide + x * regionsPerSide / grid
  }

  /// The command for a phase in radians. In double precision for any scalar, so that bench and twin choose the same one.
  @inline(__always)
  func command(_ phase: Double, curve: Int) -> Int {
    let turns = phase / (2 * .pi)
    return circles[curve].command(turns - turns.rounded(.down))
  }

  /// The commands in radians that show phases in radians, both `[layers, grid, grid]`.
  public func commands(_ phases: Stack<Float>) -> Stack<Float> {
    var commands = phases
    let step = 2 * Double.pi / Double(count)
    for plane in 0..<phases.count {
      for y in 0..<phases.height {
        for x in 0..<phases.width {
          let chosen = command(Double(phases[plane, y, x]), curve: curve(plane, y, x, of: phases.width))
          commands[plane, y, x] = Float(step * Double(chosen))
        }
      }
    }
    return commands
  }

  /// How far the phase that is shown is from the one that is asked for, in turns: RMS over all phases of the circle and all regions.
  public var error: Double {
    let circles = circles.map(\.meanSquareError)
    return (circles.reduce(0, +) / Double(circles.count)).squareRoot()
  }
}

/// A table alone; what follows from it is computed again.
extension PhaseInverse: Codable {
  private enum CodingKeys: String, CodingKey { case count, regionsPerSide, curves, usable }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    let (count, side) = (
      try members.decode(Int.self, forKey: .count), try members.decode(Int.self, forKey: .regionsPerSide)
    )
    let curves = try members.decode([Curve].self, forKey: .curves)
    let usable = try members.decode(ClosedRange<Int>.self, forKey: .usable)
    guard count >= 2, (1...Self.mostRegions).contains(side), usable.lowerBound >= 0, usable.upperBound < count,
      curves.count == 1 || curves.count.isMultiple(of: side * side), !curves.isEmpty,
      curves.allSatisfy({ $0.phases.count == count && $0.slopes.count == count && $0.phases.allSatisfy(\.isFinite) })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .curves, in: members, debugDescription: "the curves of \(count) commands have other numbers")
    }
    self.init(count: count, regionsPerSide: side, curves: curves, usable: usable)
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(count, forKey: .count)
    try members.encode(regionsPerSide, forKey: .regionsPerSide)
    try members.encode(curves, forKey: .curves)
    try members.encode(usable, forKey: .usable)
  }
}
