/// The phases of some commands in their order on the circle, cut into the arcs in which each of them is the nearest.
struct PhaseCircle: Sendable, Equatable {
  /// Where the arcs end, rising, in 0…1 of a turn. Half way between two phases counts to the later one.
  private let ends: [Double]
  /// The command of each arc; the last arc ends at 1.
  private let commands: [UInt16]
  /// The arc in which each of so many equal parts of the circle begins.
  private let starts: [UInt32]
  /// The phase of each arc's command, next to that arc: it may lie below 0 or above 1.
  private let phases: [Double]

  /// Parts of the circle, four for each of 256 commands.
  private static let parts = 1024

  /// - Parameters:
  ///   - phases: of the commands from 0 on, in turns.
  ///   - usable: the commands that may be chosen.
  init(_ phases: [Double], among usable: ClosedRange<Int>) {
    let first = phases[usable.lowerBound]
    let own = usable.filter { abs(phases[$0] - first) < 1 }
      .map { (turn: phases[$0] - phases[$0].rounded(.down), command: UInt16($0)) }
      .sorted { ($0.turn, $0.command) < ($1.turn, $1.command) }
    // Of commands that show the same the lowest is used.
    let places = own.indices.filter { $0 == 0 || own[$0].turn > own[$0 - 1].turn }.map { own[$0] }
    let middles = zip(places, places.dropFirst()).map { ($0.turn + $1.turn) / 2 }
    let (lowest, highest) = (places[0], places[places.count - 1])
    let seam = (highest.turn + lowest.turn + 1) / 2
    if seam < 1 {
      ends = middles + [seam]
      commands = places.map(\.command) + [lowest.command]
      self.phases = places.map(\.turn) + [lowest.turn + 1]
    } else {
      ends = [seam - 1] + middles
      commands = [highest.command] + places.map(\.command)
      self.phases = [highest.turn - 1] + places.map(\.turn)
    }
    var arc = 0
    starts = (0..<Self.parts).map { [ends] part in
      while arc < ends.count, Double(part) / Double(Self.parts) >= ends[arc] { arc += 1 }
      return UInt32(arc)
    }
  }

  /// The command whose phase is nearest to a part of a turn, 0…1.
  @inline(__always)
  func command(_ turn: Double) -> Int {
    // Rounding can reach a whole turn.
    var arc = Int(starts[min(Int(turn * Double(Self.parts)), Self.parts - 1)])
    while arc < ends.count, turn >= ends[arc] { arc += 1 }
    return Int(commands[arc])
  }

  /// The mean over the circle of the squared distance to the nearest phase, in turns².
  var meanSquareError: Double {
    zip(zip([0] + ends, ends + [1]), phases).reduce(0) { sum, arc in
      let (from, to) = (arc.0.0 - arc.1, arc.0.1 - arc.1)
      return sum + (to * to * to - from * from * from) / 3
    }
  }
}
