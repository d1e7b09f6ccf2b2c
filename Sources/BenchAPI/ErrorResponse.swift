/// The body of every response that is no success: `{"error": {"code": …, "message": …}}`.
public struct ErrorResponse: Codable, Sendable, Equatable {
  public struct Reason: Codable, Sendable, Equatable {
    /// A short word for programs, such as `not-found`.
    public var code: String
    /// One line for people: what was wrong and what to do.
    public var message: String

    public init(code: String, message: String) {
      self.code = code
      self.message = message
    }
  }

  public var error: Reason

  public init(code: String, message: String) { error = Reason(code: code, message: message) }
}
