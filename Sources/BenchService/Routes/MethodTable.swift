import Concurrency
import HTTPTypes
import Hummingbird

/// The methods that each path has, for those who ask with another one.
final class MethodTable: Sendable {
  private let routes = Locked<[(path: [RouterPath.Element], method: HTTPRequest.Method)]>([])

  /// Takes over the routes of a router that has all of them.
  func learn<Context: RequestContext>(_ router: Router<Context>) {
    let learnt = router.routes.map { (path: $0.path.components, method: $0.method) }
    routes.withLock { $0 = learnt }
  }

  /// The methods of a path, sorted; none when there is no such path.
  func methods(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    let found = routes.withLock { routes in
      routes.filter { route in
        route.path.count == parts.count && zip(route.path, parts).allSatisfy { $0 ~= $1 }
      }.map(\.method)
    }
    return Set(found.flatMap { $0 == .get ? [HTTPRequest.Method.get, .head] : [$0] }).map(\.rawValue).sorted()
  }
}
