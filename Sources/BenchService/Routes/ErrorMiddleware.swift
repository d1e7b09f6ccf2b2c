import BenchAPI
import Concurrency
import Devices
import Files
import Hummingbird
import Logging
import NIOCore
import Records
import ServiceCore

/// Turns every error into a status and `{"error": {"code", "message"}}`.
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
        refusals.note(line, code: refusal.code, route: context.endpointPath ?? "", in: context.logger)
      }
      var response = try Response.json(
        ErrorResponse(code: refusal.code, message: message), status: refusal.status)
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
        code: "invalid", message: "\(Excerpt.of(request.uri.path)) has no \(request.method); it has \(list)"),
      status: .methodNotAllowed)
    response.headers[.allow] = list
    return response
  }
}

/// Writes refusals that are the daemon's own into the log, however fast clients ask: some lines a minute for each route and
/// code.
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

  func note(_ line: String, code: String, route: String, in logger: Logger) {
    guard let left = admit("\(code) \(route)") else { return }
    let suffix = left == 0 ? "" : " (and \(left) like it since the last line)"
    // A queue that is full is no fault of the daemon.
    logger.log(level: code == "full" ? .warning : .error, "\(line)\(suffix)")
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
  var code: String
  var message: String
  /// Seconds after which the same request may succeed.
  var retryAfter: Int?

  init(_ status: HTTPResponse.Status, _ code: String, _ message: String, retryAfter: Int? = nil) {
    (self.status, self.code, self.message, self.retryAfter) = (status, code, message, retryAfter)
  }

  init(_ error: any Error, request: Request) {
    switch error {
    case let error as ServiceError: self.init(error)
    case let error as BenchError: self.init(error)
    case let error as FilesError: self.init(error)
    case let error as RecordsError: self.init(error)
    case DeviceError.wrongPatternSize, DeviceError.levelOutOfRange: self.init(.badRequest, "invalid", "\(error)")
    case is DeviceError: self.init(.serviceUnavailable, "device", "\(error)")
    case let error as StrictJSON.Mistake: self.init(.badRequest, "invalid", "the body: \(error)")
    case let error as DecodingError: self.init(.badRequest, "invalid", "the body: \(error.explanation)")
    case is NIOTooManyBytesError: self.init(.contentTooLarge, "too-large", "the body is larger than this route accepts")
    case let error as HTTPError where error.status == .notFound:
      self.init(.notFound, "not-found", "there is no \(request.method) \(request.uri.path)")
    case let error as HTTPError:
      self.init(error.status, "invalid", error.body ?? error.status.reasonPhrase)
    default: self.init(.internalServerError, "internal", "\(error)")
    }
  }

  private init(_ error: ServiceError) {
    switch error {
    case .invalid: self.init(.badRequest, "invalid", "\(error)")
    case .absent: self.init(.notFound, "not-found", "\(error)")
    case .conflict: self.init(.conflict, "conflict", "\(error)")
    case .tooLarge: self.init(.contentTooLarge, "too-large", "\(error)")
    case .full: self.init(.serviceUnavailable, "full", "\(error)")
    case .storage(_, let isFull):
      self.init(isFull ? Self.insufficientStorage : .serviceUnavailable, "storage", "\(error)")
    case .damaged: self.init(.conflict, "damaged", "\(error)")
    case .device: self.init(.serviceUnavailable, "device", "\(error)")
    case .opening: self.init(.serviceUnavailable, "opening", "\(error)", retryAfter: 1)
    case .startup: self.init(.internalServerError, "internal", "\(error)")
    }
  }

  private static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")

  /// Of files in the state folder: what clients send is refused before it comes there.
  private init(_ error: FilesError) {
    switch error {
    case .malformed, .schema: self.init(ServiceError.damaged("\(error)"))
    case .full, .unwritable, .unreadable, .irregular, .cut, .abandoned:
      self.init(ServiceError.storage("\(error)", of: error))
    }
  }

  private init(_ error: RecordsError) {
    switch error {
    case .absent: self.init(ServiceError.absent("\(error)"))
    case .exists: self.init(ServiceError.conflict("\(error)"))
    case .name: self.init(ServiceError.invalid("\(error)"))
    case .lost, .damaged: self.init(ServiceError.damaged("\(error)"))
    case .full, .unwritable, .numbersUsedUp: self.init(ServiceError.storage("\(error)", of: error))
    }
  }

  private init(_ error: BenchError) {
    switch error {
    case .wrongShape, .notFinite, .outOfRange, .wrongBlock: self.init(.badRequest, "invalid", "\(error)")
    case .busy: self.init(.conflict, "conflict", "\(error)")
    default: self.init(.serviceUnavailable, "device", "\(error)")
    }
  }
}
