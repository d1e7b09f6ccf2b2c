/// The body of every response that is no success: `{"error": {"code": …, "cause": …, "message": …}}`.
public struct ErrorResponse: Codable, Sendable, Equatable {
  public struct Reason: Codable, Sendable, Equatable {
    /// The class of the cause, such as `not-found`.
    public var code: String
    /// A stable word for programs, such as `job.unknown`; see ``Cause``. Nil in answers of earlier daemons.
    public var cause: String?
    /// One line for people: what was wrong and what to do.
    public var message: String

    public init(code: String, cause: String? = nil, message: String) {
      self.code = code
      self.cause = cause
      self.message = message
    }
  }

  public var error: Reason

  public init(code: String, cause: String? = nil, message: String) {
    error = Reason(code: code, cause: cause, message: message)
  }

  public init(_ cause: Cause, _ message: String) {
    self.init(code: cause.code.rawValue, cause: cause.rawValue, message: message)
  }
}
