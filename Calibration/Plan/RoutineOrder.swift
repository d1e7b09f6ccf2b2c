/// Routines in an order in which each comes after what it builds on. It follows from what they declare, and from nothing else.
struct RoutineOrder {
  /// One for each kind: what gives it, the first where several do.
  let givers: [ProductKind: any CalibrationRoutine.Type]
  let sorted: [any CalibrationRoutine.Type]

  /// What comes before a kind, directly.
  private var before: [ProductKind: Set<ProductKind>]

  /// - Parameter routines: in the order that decides where nothing else does.
  init(_ routines: [any CalibrationRoutine.Type]) {
    givers = Dictionary(routines.map { ($0.gives, $0) }) { first, _ in first }
    let routines = routines.filter { [givers] routine in givers[routine.gives]?.name == routine.name }
    before = givers.mapValues { Set($0.parents) }
    // What is taken as found comes before, too, unless it builds on what it is taken for: parents decide, since a product is stale when
    // one of them is replaced after it.
    for routine in routines {
      for kind in routine.needs + routine.startsFrom + routine.uses + routine.coveredBy
      where !Self.leads(from: routine.gives, to: kind, before) { before[routine.gives]?.insert(kind) }
    }
    sorted = Self.sort(routines, before)
  }

  /// Whether one kind comes before the other, through whatever lies between.
  private static func leads(
    from first: ProductKind, to last: ProductKind, _ before: [ProductKind: Set<ProductKind>]
  ) -> Bool {
    var (open, seen) = ([last], Set<ProductKind>())
    while let kind = open.popLast() {
      if kind == first { return true }
      if seen.insert(kind).inserted { open += before[kind] ?? [] }
    }
    return false
  }

  private static func sort(
    _ routines: [any CalibrationRoutine.Type], _ before: [ProductKind: Set<ProductKind>]
  ) -> [any CalibrationRoutine.Type] {
    var (left, sorted) = (routines, [any CalibrationRoutine.Type]())
    while !left.isEmpty {
      let kinds = Set(left.map { $0.gives })
      // Parents that go round in a circle have no order; the first one then begins.
      let next = left.firstIndex { kinds.subtracting([$0.gives]).isDisjoint(with: before[$0.gives] ?? []) } ?? 0
      sorted.append(left.remove(at: next))
    }
    return sorted
  }
}
