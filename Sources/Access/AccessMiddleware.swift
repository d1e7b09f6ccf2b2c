import Files
import HTTPTypes
import Hummingbird

/// Lets a request pass whose caller has the role that it needs, and answers every other one. The header `Odu-Role` says
/// which role that was.
package struct AccessMiddleware: RouterMiddleware {
  package typealias Context = BenchRequestContext

  private let control: AccessControl
  private let watch: ConnectionWatch?

  /// - Parameter watch: shares out connections, and hears of clients that have shown a token.
  package init(_ policy: AccessPolicy, watch: ConnectionWatch? = nil) {
    self.init(AccessControl(policy), watch: watch)
  }

  package init(_ control: AccessControl, watch: ConnectionWatch? = nil) {
    (self.control, self.watch) = (control, watch)
  }

  package func handle(
    _ request: Request, context: BenchRequestContext,
    next: (Request, BenchRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    let peer = await control.policy.identify(context.channel)
    do {
      context.caller = try await control.admit(request, from: peer)
      try prove(context)
    } catch {
      context.logger.log(
        level: error == .tokenUnknown ? .notice : .debug,
        "refused \(peer) \(request.method) \(Excerpt.of(request.uri.path)): \(Excerpt.of(error.message))")
      return try error.response()
    }
    var response = try await next(request, context)
    if let field = HTTPField.Name("Odu-Role") { response.headers[field] = context.caller.role?.rawValue ?? "none" }
    return response
  }

  private func prove(_ context: BenchRequestContext) throws(AccessRefusal) {
    guard let token = context.caller.token, let watch else { return }
    if !watch.prove(context.channel, token: token) { throw .crowded }
  }
}
