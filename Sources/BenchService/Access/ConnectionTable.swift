/// Who has which connections, and who gets one when there are no more.
struct ConnectionTable {
  /// What became of a wish for a place.
  struct Outcome {
    var place: Int?
    /// Ends the connection whose place it was.
    var displaced: (@Sendable () -> Void)?
  }

  private struct Entry {
    var peer: Peer
    var standing: Standing
    var isIdle = true
    var close: @Sendable () -> Void
  }

  /// By numbers that grow with time.
  private var entries: [Int: Entry] = [:]
  private var last = 0

  var count: Int { entries.count }

  mutating func enter(
    _ peer: Peer, _ standing: Standing, close: @escaping @Sendable () -> Void, _ limits: ConnectionLimits
  ) -> Outcome {
    guard let outcome = makeRoom(for: peer, standing, limits) else { return Outcome() }
    last += 1
    entries[last] = Entry(peer: peer, standing: standing, close: close)
    return Outcome(place: last, displaced: outcome.displaced)
  }

  mutating func change(_ number: Int, to standing: Standing, _ limits: ConnectionLimits) -> Outcome {
    guard var entry = entries.removeValue(forKey: number) else { return Outcome() }
    guard let outcome = makeRoom(for: entry.peer, standing, limits) else { return Outcome() }
    entry.standing = standing
    entries[number] = entry
    return Outcome(place: number, displaced: outcome.displaced)
  }

  /// Whether ``enter(_:_:close:_:)`` would find a place.
  func hasRoom(for peer: Peer, _ standing: Standing, _ limits: ConnectionLimits) -> Bool {
    var copy = self
    return copy.makeRoom(for: peer, standing, limits) != nil
  }

  mutating func note(_ number: Int, isIdle: Bool) { entries[number]?.isIdle = isIdle }

  mutating func leave(_ number: Int) { entries[number] = nil }

  mutating func displaceAny() -> (@Sendable () -> Void)? {
    victim(among: entries.filter { $0.value.isIdle }).flatMap { entries.removeValue(forKey: $0)?.close }
  }

  // MARK: Room

  /// Nil when there is no room.
  private mutating func makeRoom(for peer: Peer, _ standing: Standing, _ limits: ConnectionLimits) -> Outcome? {
    let own = entries.values.count { $0.peer == peer }
    guard own < (standing >= .member ? limits.connectionsOfPeer : limits.connectionsOfStranger) else { return nil }
    guard let pool = fullPool(for: standing, limits) else { return Outcome() }
    guard let number = victim(among: pool), let entry = entries[number] else { return nil }
    let theirs = entries.values.count { $0.peer == entry.peer }
    // On TCP nobody can be told from anybody else before they show a token, so that the oldest who does not do so goes.
    let mayGo = entry.standing < standing || theirs > own + 1 || entry.standing == .unproven && entry.isIdle
    guard mayGo else { return nil }
    entries[number] = nil
    return Outcome(displaced: entry.close)
  }

  /// The connections that somebody of this standing competes with; nil while there is room.
  private func fullPool(for standing: Standing, _ limits: ConnectionLimits) -> [Int: Entry]? {
    let (pool, limit): ([Int: Entry], Int) =
      switch standing {
      case .pending: (entries.filter { $0.value.standing == .pending }, 2 * limits.strangers)
      case .stranger, .unproven: (entries.filter { $0.value.standing == standing }, limits.strangers)
      case .member: (entries.filter { $0.value.standing < .owner }, limits.connections - limits.reserved)
      case .owner: (entries, limits.connections)
      }
    if pool.count >= limit { return pool }
    // The few places for strangers are no more when all others are taken.
    return standing < .member && entries.count >= limits.connections - limits.reserved ? [:] : nil
  }

  /// Of those with the least standing, whoever has most loses the connection that rests longest or, when none rests, the latest.
  private func victim(among pool: [Int: Entry]) -> Int? {
    guard let least = pool.values.map(\.standing).min() else { return nil }
    let candidates = pool.filter { $0.value.standing == least }
    let counts = Dictionary(grouping: candidates, by: \.value.peer)
    guard let greediest = counts.values.max(by: { $0.count < $1.count }) else { return nil }
    return greediest.filter(\.value.isIdle).map(\.key).min() ?? greediest.map(\.key).max()
  }
}
