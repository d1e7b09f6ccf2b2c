import BenchAPI
import Concurrency
import Files
import Hummingbird
import Logging
import NIOCore
import ServiceCore

/// Turns every error into a status and `{"error": {"code", "cause", "message"}}`.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
  let methods: MethodTable
  let refusals: RefusalLog

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let refusal = Refusal(error, request: request)
      if refusal.status == .notFound, let wrong = try wrongMethod(request) { return wrong }
      let message = Excerpt.of(refusal.message, limit: Self.messageLimit)
      if refusal.status.kind == .serverError {
        let line = "\(request.method) \(Excerpt.of(request.uri.path)): \(message)"
        refusals.note(line, cause: refusal.cause, route: context.endpointPath ?? "", in: context.logger)
      }
      var response = try Response.json(
        ErrorResponse(refusal.cause, message), status: refusal.status)
      if let seconds = refusal.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
      return response
    }
  }
}

extension ErrorMiddleware {
  /// Bytes of a message.
  private static var messageLimit: Int { 2048 }

  /// The answer to a request whose path exists, but not for its method.
  private func wrongMethod(_ request: Request) throws -> Response? {
    let allowed = methods.methods(of: request.uri.path)
    guard !allowed.isEmpty, !allowed.contains(request.method.rawValue) else { return nil }
    let list = allowed.joined(separator: ", ")
    var response = try Response.json(
      ErrorResponse(
        .routeMethod, "\(Excerpt.of(request.uri.path)) has no \(request.method); it has \(list)"),
      status: .methodNotAllowed)
    response.headers[.allow] = list
    return response
  }
}

/// Writes refusals that are the daemon's own into the log, however fast clients ask: some lines a minute for each route and
/// cause.
final class RefusalLog: Sendable {
  private struct Count {
    var since: Double
    var lines = 0
    var left = 0
  }

  private static let window = 60.0
  private static let lines = 5

  private let clock: ServiceClock
  private let counts = Locked<[String: Count]>([:])

  init(clock: ServiceClock) { self.clock = clock }

  func note(_ line: String, cause: Cause, route: String, in logger: Logger) {
    guard let left = admit("\(cause) \(route)") else { return }
    let suffix = left == 0 ? "" : " (and \(left) like it since the last line)"
    // A queue that is full is no fault of the daemon.
    logger.log(level: cause.code == .full ? .warning : .error, "\(line)\(suffix)")
  }

  /// How many lines of this kind were left out before this one; nil when it is left out, too.
  private func admit(_ kind: String) -> Int? {
    let now = clock.uptime()
    return counts.withLock { counts in
      var count = counts[kind] ?? Count(since: now)
      if now - count.since >= Self.window { (count.since, count.lines) = (now, 0) }
      let isAdmitted = count.lines < Self.lines
      let left = isAdmitted ? count.left : nil
      count.lines += 1
      count.left = isAdmitted ? 0 : count.left + 1
      counts[kind] = count
      return left
    }
  }
}

/// How an error is answered.
private struct Refusal {
  var status: HTTPResponse.Status
  var cause: Cause
  var message: String

  /// Seconds after which the same request may succeed.
  var retryAfter: Int? { cause == .benchOpening ? 1 : nil }

  private init(_ cause: Cause, _ message: String, status: HTTPResponse.Status? = nil) {
    (self.status, self.cause, self.message) = (status ?? cause.status, cause, message)
  }

  init(_ error: any Error, request: Request) {
    switch error {
    case let error as StrictJSON.Mistake: self.init(.requestMalformed, "the body: \(error)")
    case let error as DecodingError: self.init(.requestInvalid, "the body: \(error.explanation)")
    case is NIOTooManyBytesError: self.init(.requestTooLarge, "the body is larger than this route accepts")
    case let error as HTTPError where error.status == .notFound:
      self.init(.routeUnknown, "there is no \(request.method) \(request.uri.path)")
    case let error as HTTPError:
      self.init(.requestInvalid, error.body ?? error.status.reasonPhrase, status: error.status)
    default:
      let reason = ServiceError(describing: error, otherwise: .serviceFault)
      self.init(reason.cause, "\(reason)")
    }
  }
}

extension Cause {
  /// The status of a response that is refused for it.
  fileprivate var status: HTTPResponse.Status {
    if self == .stateFull { return HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage") }
    return switch code {
    case .invalid: .badRequest
    case .unauthorised: .unauthorized
    case .forbidden: .forbidden
    case .absent: .notFound
    case .conflict, .damaged: .conflict
    case .tooLarge: .contentTooLarge
    case .full, .storage, .device, .opening: .serviceUnavailable
    case .internal: .internalServerError
    }
  }
}
