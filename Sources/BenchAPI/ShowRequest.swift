/// The JSON body of `POST /v1/slm/show`. A pattern of one's own is sent as the body itself: an 8-bit greyscale PNG, or a
/// uint8 `.npy` `[height, width]`, of the panel's size.
public struct ShowRequest: Codable, Sendable, Equatable {
  public enum Pattern: String, Codable, Sendable {
    /// The pattern that is harmless to the bench.
    case blank
  }

  public var pattern: Pattern

  public init(pattern: Pattern) { self.pattern = pattern }
}
