import Arrays
import Calibration
import Catalogues
import Devices
import Testing
import Twin

/// A routine that finds nothing: what it declares is all that a plan asks for.
private protocol Declared: CalibrationRoutine where Plan == FramePlan, Fit == Int { init() }

extension Declared {
  init(seed: UInt64) { self.init() }
  func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? { nil }
  func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) -> Int { 0 }
  func content(of fit: Int) -> ProductContent { .timing(TimingModel()) }
  func report(on fit: Int) -> RoutineReport { RoutineReport(estimates: [], frames: 0, fitted: 0) }
}

private struct Root: Declared {
  static let declaration = Declaration("root", "builds on nothing")
  static let needs: [ProductKind] = []
  static let gives = ProductKind.camera
}

private struct Trunk: Declared {
  static let declaration = Declaration("trunk", "builds on the root where there is one")
  static let needs: [ProductKind] = []
  static let uses: [ProductKind] = [.camera]
  static let gives = ProductKind.registration
}

private struct Leaf: Declared {
  static let declaration = Declaration("leaf", "needs the trunk")
  static let needs: [ProductKind] = [.registration]
  static let gives = ProductKind.alignment
}

/// Needs what builds on it, as a response needs a joint fit that builds on responses.
private struct Graft: Declared {
  static let declaration = Declaration("graft", "needs the fruit, and does not grow on it")
  static let needs: [ProductKind] = [.twin]
  static let parents: [ProductKind] = []
  static let gives = ProductKind.response
}

private struct Fruit: Declared {
  static let declaration = Declaration("fruit", "grows on the graft where there is one")
  static let needs: [ProductKind] = []
  static let uses: [ProductKind] = [.response]
  static let gives = ProductKind.twin
}

private struct Spare: Declared {
  static let declaration = Declaration("spare", "what the fruit tells, too")
  static let needs: [ProductKind] = []
  static let gives = ProductKind.source
  static let coveredBy: [ProductKind] = [.twin]
}

/// A second bookkeeping of what is in force: what builds on what is known by running numbers.
private struct World {
  private struct Entry {
    var number: Int
    var parents: [Int]
    var isOld: Bool
  }

  private var entries: [ProductKind: Entry] = [:]
  private var count = 0

  var kinds: Set<ProductKind> { Set(entries.keys) }

  mutating func run(_ routine: any CalibrationRoutine.Type, isOld: Bool = false) {
    count += 1
    entries[routine.gives] = Entry(
      number: count, parents: routine.parents.compactMap { entries[$0]?.number }, isOld: isOld)
  }

  func isStale(_ kind: ProductKind) -> Bool {
    guard let entry = entries[kind] else { return false }
    return entry.isOld || !Set(entries.values.map(\.number)).isSuperset(of: entry.parents)
  }

  var present: [CalibrationPlan.Present] {
    entries.map { kind, entry in
      .init(
        kind: kind, hash: "\(entry.number)", parents: entry.parents.map { "\($0)" },
        staleness: isStale(kind) ? "stale" : nil)
    }
  }
}

/// Protects the order in which a bench is calibrated, against graphs that are made by hand and a second bookkeeping.
@Suite("Calibration plan") struct CalibrationPlanTests {
  private static func stated(layout: Bool = true) -> StatedBench {
    let description = TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: 850e-9, pitch: 20e-6, grid: 16, layers: 2, distance: 5e-3, padding: 1.5),
      input: InputDescription(size: 7, block: 2), detector: DetectorDescription(block: 1))
    let places = BenchLayout(
      layers: LayerLayout(origins: [PanelPoint(x: 0, y: 0), PanelPoint(x: 16, y: 0)], grid: 16),
      input: InputLayout(origin: PanelPoint(x: 0, y: 0), size: 7, scale: 2),
      camera: CameraLayout(x: 0, y: 0, width: 16, height: 16), timing: BenchTiming(layerLatency: 1e-3, deadline: 2))
    return StatedBench(
      description: description, parameters: TwinParameters(nominalFor: description), layout: layout ? places : nil)
  }

  private static let made: [any CalibrationRoutine.Type] = [
    Leaf.self, Spare.self, Fruit.self, Graft.self, Trunk.self, Root.self,
  ]

  private func plan(
    _ routines: [any CalibrationRoutine.Type] = Self.made, on bench: StatedBench = Self.stated(),
    _ present: [CalibrationPlan.Present] = [], again: Set<String> = [], without: Set<String> = []
  ) -> [String: [CalibrationPlan.State]] {
    let plan = CalibrationPlan(routines, on: bench, inForce: present, asked: again, without: without)
    return Dictionary(grouping: plan.steps) { $0.routine.name }.mapValues { $0.map(\.state) }
  }

  private func running(
    _ routines: [any CalibrationRoutine.Type] = Self.made, on bench: StatedBench = Self.stated(),
    _ present: [CalibrationPlan.Present] = [], again: Set<String> = [], without: Set<String> = []
  ) -> [String] {
    CalibrationPlan(routines, on: bench, inForce: present, asked: again, without: without).steps
      .filter(\.state.runs).map { $0.routine.name }
  }

  @Test("from nothing, each comes after what it builds on, and what is needed early comes early")
  func cold() {
    #expect(running([Leaf.self, Trunk.self, Root.self]) == ["root", "trunk", "leaf"])
    #expect(running([Graft.self, Fruit.self]) == ["fruit", "graft"])
    // Whatever the order of the list.
    #expect(running([Fruit.self, Graft.self]) == ["fruit", "graft"])
    #expect(running() == ["fruit", "graft", "root", "trunk", "leaf"])
    #expect(plan()["spare"] == [.covered(.twin)])
    #expect(running([Spare.self]) == ["spare"])
  }

  @Test("what builds on something that is found again follows it; what does not stays")
  func following() {
    let present: [CalibrationPlan.Present] = [
      .init(kind: .camera, hash: "c", staleness: "old"), .init(kind: .registration, hash: "r", parents: ["c"]),
      .init(kind: .alignment, hash: "a", parents: ["r"]), .init(kind: .response, hash: "g"),
      .init(kind: .twin, hash: "t", parents: ["g"]),
    ]
    #expect(running(Self.made, present) == ["root", "trunk", "leaf"])
    let states = plan(Self.made, present)
    #expect(states["root"] == [.stale("old")] && states["trunk"] == [.follows([.camera])])
    #expect(states["leaf"] == [.follows([.registration])])
    #expect(states["graft"] == [.inForce] && states["fruit"] == [.inForce])
    // A trunk that grew before there was a root does not build on it.
    let bare: [CalibrationPlan.Present] = [.init(kind: .registration, hash: "r")]
    #expect(running([Root.self, Trunk.self], bare) == ["root"])
  }

  @Test("what is needed before its place runs twice when something that it builds on is found again after it")
  func twice() {
    let present: [CalibrationPlan.Present] = [.init(kind: .response, hash: "g", staleness: "old")]
    #expect(running([Fruit.self, Graft.self], present) == ["fruit", "graft", "fruit"])
  }

  @Test("what is asked for runs although it is in force, and what is left out does not, nor what needs it")
  func asked() {
    let present: [CalibrationPlan.Present] = [
      .init(kind: .camera, hash: "c"), .init(kind: .registration, hash: "r", parents: ["c"]),
    ]
    let routines: [any CalibrationRoutine.Type] = [Root.self, Trunk.self, Leaf.self]
    #expect(running(routines, present) == ["leaf"])
    #expect(running(routines, present, again: ["root"]) == ["root", "trunk", "leaf"])
    #expect(plan(routines, present, again: ["root"])["root"] == [.asked])
    #expect(running(again: ["spare"]).contains("spare"))
    let without = plan(routines, without: ["trunk"])
    #expect(without == ["root": [.missing], "trunk": [.leftOut], "leaf": [.lacks([.registration])]])
  }

  @Test("the routines that there are: camera and timing, then a joint fit, the response and the source on top of it")
  func standard() {
    let all = RoutineCatalogue.standard.members.filter {
      [.camera, .timing, .response, .source, .alignment, .twin].contains($0.gives)
    }
    #expect(running(all) == ["camera", "timing", "twin", "response", "source"])
    #expect(plan(all)["alignment"] == [.covered(.twin)])
    #expect(running(RoutineCatalogue.standard.members.filter { $0.gives != .registration }).last == "crosstalk")
    // When a joint fit fails, an alignment is what a source may start from; a response needs more.
    let after = plan(all, without: ["twin"])
    #expect(after["response"] == [.lacks([.twin])] && after["twin"] == [.leftOut])
    #expect(running(all, without: ["twin"]) == ["camera", "timing", "alignment", "source"])
  }

  @Test("where there are no devices, and where nothing is free, the reason is said")
  func notApplicable() throws {
    let all = RoutineCatalogue.standard.members
    let computed = plan(all, on: Self.stated(layout: false))
    for name in ["camera", "timing"] {
      #expect(computed[name] == [.notApplicable("\(CalibrationError.noDevices)")])
    }
    var bench = Self.stated()
    bench.parameters = try bench.parameters.freeing([])
    let fixed = plan(all, on: bench)
    for name in ["alignment", "twin"] {
      #expect(fixed[name] == [.notApplicable("\(CalibrationError.nothingFree(routine: name))")])
    }
    #expect(fixed["response"] == [.lacks([.twin])] && fixed["source"] == [.lacks([.twin])])
  }

  @Test(
    "whatever is in force, every step that runs has what it needs and was missing or stale, and afterwards nothing is",
    arguments: [false, true])
  func everyState(isStandard: Bool) {
    let routines = isStandard ? RoutineCatalogue.standard.members : Self.made
    let bench = Self.stated()
    let states = (0..<routines.count).reduce(1) { count, _ in 3 * count }
    for number in 0..<states {
      var (world, rest) = (World(), number)
      for routine in routines {
        // Absent, in force, or in force and old.
        if rest % 3 > 0 { world.run(routine, isOld: rest % 3 == 2) }
        rest /= 3
      }
      let steps = CalibrationPlan(routines, on: bench, inForce: world.present).steps
      for step in steps where step.state.runs {
        let (routine, known) = (step.routine, world.kinds)
        #expect(known.isSuperset(of: routine.needs), "state \(number): \(routine.name)")
        #expect(routine.startsFrom.isEmpty || !known.isDisjoint(with: routine.startsFrom))
        #expect(!known.contains(routine.gives) || world.isStale(routine.gives), "state \(number): \(routine.name)")
        world.run(routine)
      }
      for routine in routines {
        #expect(!world.isStale(routine.gives), "state \(number): \(routine.name)")
        #expect(world.kinds.contains(routine.gives) || !world.kinds.isDisjoint(with: routine.coveredBy))
      }
      let after = CalibrationPlan(routines, on: bench, inForce: world.present).steps
      #expect(after.allSatisfy { !$0.state.runs }, "state \(number)")
    }
  }
}
