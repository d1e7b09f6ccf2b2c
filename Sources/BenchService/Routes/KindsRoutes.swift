import Access
import BenchAPI
import Catalogues
import Hummingbird

/// `/v1/kinds`: what can be asked for by name.
struct KindsRoutes {
  private let groups: [String: [Declaration]]

  init(_ groups: [String: [Declaration]]) { self.groups = groups }

  func add(to version: RouterGroup<BenchRequestContext>) {
    version.get("kinds") { [groups] _, _ in try Response.json(KindsResponse(groups)) }
  }
}
