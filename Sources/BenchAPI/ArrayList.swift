/// An uploaded array.
public struct ArrayStatus: Codable, Sendable, Equatable {
  public var name: String
  /// Size of the `.npy` file.
  public var bytes: Int

  public init(name: String, bytes: Int) {
    self.name = name
    self.bytes = bytes
  }
}

/// The body of `GET /v1/arrays`, by name.
public struct ArrayList: Codable, Sendable, Equatable {
  public var arrays: [ArrayStatus]

  public init(arrays: [ArrayStatus]) { self.arrays = arrays }
}
