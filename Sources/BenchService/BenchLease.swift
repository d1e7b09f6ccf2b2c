/// Who uses the bench: one job or one request at a time.
actor BenchLease {
  private let equipment: BenchEquipment
  private(set) var holder: String?
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ equipment: BenchEquipment) { self.equipment = equipment }

  /// Lets `holder` use the bench when it is free, and refuses when it is not.
  func use<Value: Sendable>(
    for holder: String, _ body: @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value {
    if let other = self.holder {
      throw ServiceError.conflict("\(other) uses the bench; try again when it is done, or cancel it")
    }
    return try await hold(for: holder, body)
  }

  /// Lets `holder` use the bench as soon as it is free.
  func useWhenFree<Value: Sendable>(
    for holder: String, _ body: @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value {
    while self.holder != nil {
      await withCheckedContinuation { waiting.append($0) }
    }
    return try await hold(for: holder, body)
  }

  private func hold<Value: Sendable>(
    for holder: String, _ body: @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value {
    self.holder = holder
    defer {
      self.holder = nil
      if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
    return try await body(equipment)
  }
}
