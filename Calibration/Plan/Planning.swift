/// Goes through routines as if those that run succeeded at once.
struct Planning {
  private(set) var steps: [CalibrationPlan.Step] = []
  private let givers: [ProductKind: any CalibrationRoutine.Type]
  private let bench: StatedBench
  private let asked: Set<String>
  private let without: Set<String>
  /// What is in force by then.
  private var present: [ProductKind: CalibrationPlan.Present]
  /// The kinds of what is not in force any more by then, by hash.
  private var replaced: [String: ProductKind] = [:]
  private var ran: Set<ProductKind> = []
  /// Kinds that something waits for, so that no two wait for each other.
  private var awaited: Set<ProductKind> = []

  init(
    givers: [ProductKind: any CalibrationRoutine.Type], bench: StatedBench, asked: Set<String>, without: Set<String>,
    inForce: [CalibrationPlan.Present]
  ) {
    (self.givers, self.bench, self.asked, self.without) = (givers, bench, asked, without)
    present = Dictionary(inForce.map { ($0.kind, $0) }) { first, _ in first }
  }

  /// Plans a routine at its place, after what it builds on.
  mutating func visit(_ routine: any CalibrationRoutine.Type) {
    let state = state(of: routine)
    guard state.runs else {
      if !ran.contains(routine.gives) { steps.append(.init(routine: routine, state: state)) }
      return
    }
    if let obstacle = obstacle(to: routine) {
      steps.append(.init(routine: routine, state: obstacle))
    } else if !plan(routine, state) {
      steps.append(.init(routine: routine, state: .lacks(routine.missing(in: Set(present.keys)))))
    }
  }

  private func state(of routine: any CalibrationRoutine.Type) -> CalibrationPlan.State {
    let isAsked = asked.contains(routine.name) && !ran.contains(routine.gives)
    guard let own = present[routine.gives] else {
      let cover = routine.coveredBy.first { present[$0] != nil }
      return cover.flatMap { isAsked ? nil : .covered($0) } ?? .missing
    }
    if let staleness = own.staleness { return .stale(staleness) }
    let renewed = own.parents.compactMap { replaced[$0] }
    if !renewed.isEmpty { return .follows(renewed) }
    return isAsked ? .asked : .inForce
  }

  /// Why a routine cannot run, whatever is known.
  private func obstacle(to routine: any CalibrationRoutine.Type) -> CalibrationPlan.State? {
    if without.contains(routine.name) { return .leftOut }
    do {
      try routine.check(bench)
      return nil
    } catch {
      return .notApplicable("\(error)")
    }
  }

  /// Plans a routine, and before it what it needs and is not known.
  ///
  /// - Returns: whether all of that can be found.
  private mutating func plan(_ routine: any CalibrationRoutine.Type, _ state: CalibrationPlan.State) -> Bool {
    guard awaited.insert(routine.gives).inserted else { return false }
    defer { awaited.remove(routine.gives) }
    for kind in routine.needs where present[kind] == nil {
      guard provides(kind) else { return false }
    }
    if !routine.startsFrom.isEmpty, present.keys.allSatisfy({ !routine.startsFrom.contains($0) }) {
      guard routine.startsFrom.contains(where: { provides($0) }) else { return false }
    }
    steps.append(.init(routine: routine, state: state))
    succeed(routine)
    return true
  }

  private mutating func provides(_ kind: ProductKind) -> Bool {
    guard let giver = givers[kind], obstacle(to: giver) == nil else { return false }
    return plan(giver, .missing)
  }

  private mutating func succeed(_ routine: any CalibrationRoutine.Type) {
    let kind = routine.gives
    if let former = present[kind] { replaced[former.hash] = kind }
    present[kind] = .init(
      kind: kind, hash: "planned \(steps.count)", parents: routine.parents.compactMap { present[$0]?.hash })
    ran.insert(kind)
  }
}
