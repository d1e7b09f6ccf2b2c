/// What marks and files of a shelf say to one question: the marks are read once, and the records once when they are needed.
struct ShelfGlance {
  private let shelf: CalibrationShelf
  private let marks: Result<[String: [String]], any Error>
  /// Newest first.
  private(set) lazy var records = shelf.records().found

  init(at shelf: CalibrationShelf) {
    self.shelf = shelf
    marks = Result { try shelf.loadMarks() }
  }

  /// What is in force in a slot.
  private enum Standing {
    case record(CalibrationRecord)
    case none
    /// None on purpose, so that no other calibration takes its place.
    case retired
  }

  /// The calibration of a kind that is in force on a bench: that of just these devices, else the newest that is valid for them.
  ///
  /// - Throws: ``RecordsError/lost(calibration:reason:)`` when it cannot be read, or nobody knows which it was.
  mutating func inForce(on bench: BenchIdentity, kind: String) throws -> CalibrationRecord? {
    let own = bench.slot(kind)
    if bench.serials != nil {
      switch try standing(own) {
      case .record(let record): return record
      case .retired: return nil
      case .none: break
      }
    }
    for slot in slots(on: bench, kind) where bench.serials == nil || slot != own {
      switch try standing(slot) {
      case .record(let record): return record
      case .retired: return nil
      case .none: continue
      }
    }
    return nil
  }

  /// The slots of calibrations that are valid for a bench, that of the newest first, and in the end that of those that name no device.
  private mutating func slots(on bench: BenchIdentity, _ kind: String) -> [String] {
    let valid = records.filter { $0.kindName == kind && bench.accepts($0) }
    var slots: [String] = []
    for slot in valid.map(\.slot) + [BenchIdentity(description: bench.description).slot(kind)]
    where !slots.contains(slot) { slots.append(slot) }
    return slots
  }

  /// The calibration in force in a slot; the newest when nothing was ever marked.
  mutating func inForce(in slot: String) throws -> CalibrationRecord? {
    guard case .record(let record) = try standing(slot) else { return nil }
    return record
  }

  private mutating func standing(_ slot: String) throws -> Standing {
    let present: String?
    do {
      present = try shelf.marked(slot, in: marks.get())
    } catch {
      guard records.contains(where: { $0.slot == slot }) else { return .none }
      throw RecordsError.lost(calibration: nil, reason: "\(error)")
    }
    switch present {
    case nil: return records.first { $0.slot == slot }.map(Standing.record) ?? .none
    case CalibrationMarks.none: return .none
    case CalibrationMarks.retired: return .retired
    case CalibrationMarks.unknown:
      throw RecordsError.lost(calibration: nil, reason: "the marks that said so were damaged")
    case let name?: return .record(try shelf.record(named: name))
    }
  }

  /// What has to leave when a calibration comes back, so that what it says counts: a newer one of all parameters, of which some are
  /// the same, and newer ones of other kinds that build on what is then no longer in force.
  mutating func retired(by restored: CalibrationRecord, on bench: BenchIdentity) throws -> [CalibrationRecord] {
    let kinds = Set(records.filter { $0.benchHash == bench.description }.map(\.kindName)).sorted()
    let present = try kinds.compactMap { try inForce(on: bench, kind: $0) }
    let replaced = present.filter { $0.kindName == restored.kindName && $0.id != restored.id }
    let newer = present.filter { $0.kindName != restored.kindName && $0.number > restored.number }
    let names = Set(restored.parameters.map(\.name))
    var retired = newer.filter {
      $0.kindName == CalibrationRecord.twinKind && !names.isDisjoint(with: $0.parameters.map(\.name))
    }
    while true {
      let gone = Set((replaced + retired).compactMap(\.contentHash))
      let more = newer.filter { !retired.contains($0) && !gone.isDisjoint(with: $0.parents ?? []) }
      if more.isEmpty { return retired }
      retired += more
    }
  }
}

extension CalibrationRecord {
  fileprivate var kindName: String { kind ?? Self.twinKind }
  fileprivate var number: Int { RunningNumber.of(id) ?? 0 }
}
