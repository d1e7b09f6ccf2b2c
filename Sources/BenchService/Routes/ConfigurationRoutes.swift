import Access
import BenchAPI
import Hummingbird
import Lending

/// `/v1/configuration`
struct ConfigurationRoutes {
  let supervisor: BenchSupervisor

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get("configuration") { _, _ in try Response.json(await supervisor.configuration) }
    group.post("configuration/reload") { _, _ in
      await supervisor.reload()
      return try Response.json(await supervisor.configuration)
    }
  }
}
