import BenchAPI
import Devices
import Files
import Hummingbird
import NIOCore

/// Turns every error into a status and `{"error": {"code", "message"}}`.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let refusal = Refusal(error, request: request)
      if refusal.status.kind == .serverError {
        context.logger.error("\(request.method) \(request.uri.path): \(refusal.message)")
      }
      return try Response.json(ErrorResponse(code: refusal.code, message: refusal.message), status: refusal.status)
    }
  }
}

/// How an error is answered.
private struct Refusal {
  var status: HTTPResponse.Status
  var code: String
  var message: String

  init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
    (self.status, self.code, self.message) = (status, code, message)
  }

  init(_ error: any Error, request: Request) {
    switch error {
    case let error as ServiceError: self.init(error)
    case let error as BenchError: self.init(error)
    case DeviceError.wrongPatternSize, DeviceError.levelOutOfRange: self.init(.badRequest, "invalid", "\(error)")
    case is DeviceError: self.init(.serviceUnavailable, "device", "\(error)")
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
    case .device: self.init(.serviceUnavailable, "device", "\(error)")
    case .startup: self.init(.internalServerError, "internal", "\(error)")
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
