/// Who has which connections, and who gets one when there are no more.
struct ConnectionTable {
  /// What became of a wish for a place.
  struct Outcome {
    var place: Int?
    /// Ends the connection whose place it was.
    var displaced: (@Sendable () -> Void)?
    /// Ends a connection that has lost its place before and is not waited for any longer.
    var forgotten: (@Sendable () -> Void)?

    func at(_ place: Int) -> Outcome { Outcome(place: place, displaced: displaced, forgotten: forgotten) }
  }

  private struct Entry {
    var client: Client
    var standing: Standing
    var isIdle = true
    var close: @Sendable () -> Void
  }

  /// By numbers that grow with time.
  private var entries: [Int: Entry] = [:]
  /// Connections without a token that have lost their places and are not closed yet. One that shows a token finds a place all the same:
  /// in a flood its token may be there and not have been read.
  private var leaving: [Int: Entry] = [:]
  private var last = 0

  var count: Int { entries.count }

  mutating func enter(
    _ client: Client, _ standing: Standing, close: @escaping @Sendable () -> Void, _ limits: ConnectionLimits
  ) -> Outcome {
    guard let outcome = makeRoom(for: client, standing, limits) else { return Outcome() }
    last += 1
    entries[last] = Entry(client: client, standing: standing, close: close)
    return outcome.at(last)
  }

  /// Without room for that the connection stays what it was.
  ///
  /// - Parameter client: whose it turned out to be; nil when that is known.
  mutating func change(
    _ number: Int, to standing: Standing, as client: Client? = nil, _ limits: ConnectionLimits
  ) -> Outcome {
    let holder = entries.removeValue(forKey: number)
    defer { if entries[number] == nil { entries[number] = holder } }
    guard var entry = holder ?? leaving[number] else { return Outcome() }
    let client = client ?? entry.client
    if holder != nil, entry.client == client, entry.standing == standing { return Outcome(place: number) }
    guard let outcome = makeRoom(for: client, standing, limits) else { return Outcome() }
    (entry.client, entry.standing) = (client, standing)
    (entries[number], leaving[number]) = (entry, nil)
    return outcome.at(number)
  }

  /// Whether ``enter(_:_:close:_:)`` would find a place.
  func hasRoom(for client: Client, _ standing: Standing, _ limits: ConnectionLimits) -> Bool {
    var copy = self
    return copy.makeRoom(for: client, standing, limits) != nil
  }

  func standing(of number: Int) -> Standing? { entries[number]?.standing }

  mutating func note(_ number: Int, isIdle: Bool) { entries[number]?.isIdle = isIdle }

  mutating func leave(_ number: Int) { (entries[number], leaving[number]) = (nil, nil) }

  /// Whether a connection has its place.
  func isPlaced(_ number: Int) -> Bool { entries[number] != nil }

  /// Whether a connection has lost its place and would get one for a token.
  func isLeaving(_ number: Int) -> Bool { leaving[number] != nil }

  /// Gives up a connection that rests, of those with the least standing.
  mutating func displaceAny() -> (@Sendable () -> Void)? {
    for rank in Standing.Rank.allCases {
      let resting = entries.filter { $0.value.standing.rank == rank && $0.value.isIdle }
      if let number = victim(among: resting) { return entries.removeValue(forKey: number)?.close }
    }
    return nil
  }

  // MARK: Room

  /// Nil when there is no room.
  private mutating func makeRoom(for client: Client, _ standing: Standing, _ limits: ConnectionLimits) -> Outcome? {
    let own = entries.filter { $0.value.client == client && $0.value.standing.rank == standing.rank }
    if own.count >= limits.connections(of: standing) { return displace(ownVictim(among: own, standing), limits) }
    guard let pool = fullPool(for: standing, limits) else { return Outcome() }
    guard let number = victim(among: pool), mayTake(number, standing, own: own.count) else { return nil }
    return displace(number, limits)
  }

  private mutating func displace(_ number: Int?, _ limits: ConnectionLimits) -> Outcome? {
    guard let number, let entry = entries.removeValue(forKey: number) else { return nil }
    var outcome = Outcome(displaced: entry.close)
    if entry.standing == .unproven {
      if leaving.count >= limits.connections, let oldest = leaving.keys.min() {
        outcome.forgotten = leaving.removeValue(forKey: oldest)?.close
      }
      leaving[number] = entry
    }
    return outcome
  }

  /// What somebody gives up who has all that they may have: those with a role what rests. On TCP nobody can be told from
  /// anybody else of the same address before they show a token, so that the one who has not done so for longest goes.
  private func ownVictim(among own: [Int: Entry], _ standing: Standing) -> Int? {
    let resting = own.filter(\.value.isIdle).keys.min()
    return switch standing {
    case .pending, .stranger: nil
    case .unproven: resting ?? own.keys.min()
    case .member, .owner: resting
    }
  }

  /// The connections of which one has to give way to somebody of this standing; nil while there is room.
  private func fullPool(for standing: Standing, _ limits: ConnectionLimits) -> [Int: Entry]? {
    let isFull =
      standing == .owner
      ? entries.count >= limits.connections
      : entries.values.count { $0.standing < .owner } >= limits.connections - limits.reserved
    let alike = entries.filter { $0.value.standing == standing }
    switch standing {
    case .stranger:
      // Their few places are no more when all others are taken.
      return alike.count >= limits.strangers ? alike : isFull ? [:] : nil
    case .pending where alike.count >= 2 * limits.strangers, .unproven where alike.count >= limits.strangers:
      return alike
    case .pending, .unproven: return isFull ? yielding(keeping: limits.applicants - 1) : nil
    case .member, .owner: return isFull ? yielding(keeping: limits.applicants) : nil
    }
  }

  /// Those of the least rank, where some places are kept for those who may turn out to have a role.
  private func yielding(keeping applicants: Int) -> [Int: Entry] {
    for rank in Standing.Rank.allCases {
      let pool = entries.filter { $0.value.standing.rank == rank }
      if pool.count > (rank == .applicant ? applicants : 0) { return pool }
    }
    return [:]
  }

  /// Whoever has most loses the connection that rests longest or, when none rests, the latest; of those who have not shown who
  /// they are, the oldest.
  private func victim(among pool: [Int: Entry]) -> Int? {
    let counts = Dictionary(grouping: pool, by: \.value.client).values
    guard let most = counts.map(\.count).max() else { return nil }
    let candidates = counts.filter { $0.count == most }.joined()
    if let resting = candidates.filter(\.value.isIdle).map(\.key).min() { return resting }
    let areApplicants = candidates.allSatisfy { $0.value.standing.rank == .applicant }
    return areApplicants ? candidates.map(\.key).min() : candidates.map(\.key).max()
  }

  /// Whether somebody who has `own` connections may take this one's place.
  private func mayTake(_ number: Int, _ standing: Standing, own: Int) -> Bool {
    guard let entry = entries[number] else { return false }
    let rank = entry.standing.rank
    let theirs = entries.values.count { $0.client == entry.client && $0.standing.rank == rank }
    switch rank {
    case .stranger: return standing.rank > rank || theirs > own + 1
    case .applicant: return true
    // Everybody with a role has a connection, and nobody loses one in use to somebody with as many.
    case .role: return standing.rank < rank || standing > entry.standing || entry.isIdle || own == 0 || theirs > own + 1
    }
  }
}

extension Standing {
  /// Who competes with whom, the least first.
  enum Rank: Int, Comparable, CaseIterable {
    case stranger
    /// May turn out to have a role.
    case applicant
    case role

    static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
  }

  var rank: Rank {
    switch self {
    case .stranger: .stranger
    case .pending, .unproven: .applicant
    case .member, .owner: .role
    }
  }
}

extension ConnectionLimits {
  /// Connections at a time of one client.
  fileprivate func connections(of standing: Standing) -> Int {
    standing.rank == .role ? connectionsOfPeer : connectionsOfStranger
  }
}
