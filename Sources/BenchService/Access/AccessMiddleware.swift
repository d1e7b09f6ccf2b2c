import Files
import HTTPTypes
import Hummingbird

/// Lets a request pass whose caller has the role that it needs, and answers every other one. The header `Odu-Role` says
/// which role that was.
package struct AccessMiddleware: RouterMiddleware {
  package typealias Context = BenchRequestContext

  private let control: AccessControl

  package init(_ policy: AccessPolicy) { control = AccessControl(policy) }

  package init(_ control: AccessControl) { self.control = control }

  package func handle(
    _ request: Request, context: BenchRequestContext,
    next: (Request, BenchRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    let peer = await control.policy.identify(context.channel)
    do {
      context.caller = try await control.admit(request, from: peer)
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
}
