import HTTPTypes

/// Which role a request needs. Looking needs ``Role/observe`` and everything else ``Role/operate``, but for the routes
/// of the table here.
package enum RequiredRole {
  private static let exceptions: [(method: HTTPRequest.Method, path: String, role: Role?)] = [
    (.get, "/", nil),
    (.get, "/page.css", nil),
    (.get, "/page.js", nil),
    (.get, "/healthz", nil),
    (.get, "/v1/healthz", nil),
    (.get, "/v1/camera/frame", .operate),
    (.post, "/v1/configuration/reload", .administer),
    (.post, "/v1/simulated/advance", .administer),
    (.delete, "/v1/runs/*", .administer),
  ]

  /// The role that a request needs, or nothing when anybody may ask.
  package static func of(_ method: HTTPRequest.Method, _ path: String) -> Role? {
    let method = method == .head ? .get : method
    let components = components(path)
    if let rule = rules.first(where: { $0.method == method && matches(components, $0.components) }) {
      return rule.role
    }
    return method == .get ? .observe : .operate
  }

  private static let rules = exceptions.map { (method: $0.method, components: components($0.path), role: $0.role) }

  /// The router ignores empty components, so `//v1//runs/a/` is the route `/v1/runs/a` here too.
  private static func components(_ path: String) -> [Substring] { path.split(separator: "/") }

  private static func matches(_ path: [Substring], _ pattern: [Substring]) -> Bool {
    path.count == pattern.count && zip(path, pattern).allSatisfy { $1 == "*" || $0 == $1 }
  }
}
