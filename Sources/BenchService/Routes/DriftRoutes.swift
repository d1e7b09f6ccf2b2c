import Access
import BenchAPI
import Hummingbird
import Jobs
import Lending
import ServiceCore

/// `/v1/drift`
struct DriftRoutes {
  let supervisor: BenchSupervisor
  let ledger: DriftLedger
  let keeper: DriftKeeper
  let catalogue: JobCatalogue
  let clock: ServiceClock

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get("drift") { _, _ in
      let response = try ledger.response(on: await supervisor.file, problem: await keeper.problem) {
        catalogue.refinement(of: $0, seed: 1)
      }
      return try Response.json(response)
    }
  }

  /// The last reading, and how many seconds old it is; nil when there is none.
  var latest: (reading: DriftReading, age: Double)? {
    get async {
      guard let reading = ledger.latest(on: await supervisor.file) else { return nil }
      return (reading, max(0, clock.date().timeIntervalSince(reading.date)))
    }
  }
}
