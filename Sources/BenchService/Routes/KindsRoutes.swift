import Access
import BenchAPI
import Catalogues
import Hummingbird

/// `/v1/kinds`: what can be asked for by name.
struct KindsRoutes {
  private let kinds: KindsResponse

  init(_ groups: [String: [Declaration]]) { kinds = KindsResponse(groups) }

  func add(to version: RouterGroup<BenchRequestContext>) {
    version.get("kinds") { _, _ in try Response.json(kinds) }
  }
}
