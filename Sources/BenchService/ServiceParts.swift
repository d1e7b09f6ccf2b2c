import Access
import Hummingbird
import Jobs
import Lending
import Records
import ServiceLifecycle

/// What a server is made of, put together once.
struct ServiceParts: Sendable {
  let configuration: BenchServer.Configuration
  let lease: BenchLease
  let live: LiveView
  let supervisor: BenchSupervisor
  let queue: JobQueue
  let shelf: ArrayShelf
  let counters = ServiceCounters()
  let control: AccessControl
  let watch: ConnectionWatch
  let calibrations: CalibrationStore
  let index: RecordIndex
  let drift: DriftLedger
  let keeper: DriftKeeper
  private let state: StateFolder
  private let started: Double

  init(
    source: BenchSource, state: StateFolder, control: AccessControl, watch: ConnectionWatch,
    configuration: BenchServer.Configuration
  ) throws {
    let (limits, clock) = (configuration.limits, configuration.clock)
    self.configuration = configuration
    (self.control, self.watch) = (control, watch)
    let logger = configuration.logger
    index = try RecordIndex(path: state.database, logger: logger, model: configuration.catalogue.model)
    let numbers = NumberCounter(path: state.numbers)
    if let damage = numbers.damage { logger.warning("numbers are given after those in use: \(damage)") }
    calibrations = CalibrationStore(
      folder: state.calibrations.path, numbers: numbers, index: index, clock: clock, logger: logger)
    lease = BenchLease(clock: clock, prepare: calibrations.prepare)
    live = LiveView()
    let file = try source.load()
    supervisor = BenchSupervisor(source: source, file: file, lease: lease, live: live, clock: clock, logger: logger)
    shelf = ArrayShelf(folder: state.arrays)
    let store = JobStore(
      folder: state.runs, catalogue: configuration.catalogue, index: index, numbers: numbers, capacity: limits.events,
      clock: clock, logger: logger)
    let jobs = try store.takeUp { configuration.manager.starting("looking at run \($0 + 1) of \($1)") }
    calibrations.settle { [index] run in
      jobs.first { $0.id == run }?.summary.state ?? (try? index.ask { try $0.job(run)?.shown().state })
    }
    calibrations.takeUp(from: file)
    queue = JobQueue(
      catalogue: configuration.catalogue, lease: lease, store: store, jobs: jobs, shelf: shelf,
      calibrations: calibrations, limits: limits, threads: configuration.threads,
      outlives: configuration.jobsOutliveService, afterJob: configuration.afterJob)
    drift = DriftLedger(path: state.drift)
    keeper = DriftKeeper(
      lease: lease, live: live, queue: queue, calibrations: calibrations, ledger: drift,
      threads: configuration.threads, clock: clock, logger: logger)
    self.state = state
    started = clock.uptime()
  }

  /// What runs beside the listeners, in the order in which it starts.
  var services: [any Service] {
    [
      supervisor, queue, LiveExposures(lease: lease, live: live, clock: configuration.clock), keeper,
      Heartbeat(
        manager: configuration.manager, supervisor: supervisor, queue: queue, lease: lease, live: live,
        clock: configuration.clock),
    ]
  }

  func responder() -> RouterResponder<BenchRequestContext> {
    let limits = configuration.limits
    let budgets = Budgets(limits)
    let router = Router(context: BenchRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: CountingMiddleware(counters: counters))
    let methods = MethodTable()
    router.add(middleware: ErrorMiddleware(methods: methods, refusals: RefusalLog(clock: configuration.clock)))
    router.add(middleware: AccessMiddleware(control, watch: watch))
    let status = StatusRoutes(
      supervisor: supervisor, queue: queue, lease: lease, live: live, stateDirectory: state.url.path,
      storage: StateHealth(folder: state.url.path, clock: configuration.clock),
      clock: configuration.clock, started: started, requests: budgets.requests)
    let pictures = LivePictures()
    let twin = TwinPrediction()
    let version = router.group("v1")
    let driftRoutes = DriftRoutes(
      supervisor: supervisor, ledger: drift, keeper: keeper, catalogue: configuration.catalogue,
      clock: configuration.clock)
    MetricsRoutes(status: status, queue: queue, counters: counters, watch: watch, drift: driftRoutes).add(to: router)
    PageRoutes().add(to: router)
    status.add(to: router.group(), version)
    KindsRoutes(configuration.kinds.merging(["jobs": configuration.catalogue.declarations]) { $1 }).add(to: version)
    ConfigurationRoutes(supervisor: supervisor).add(to: version)
    DeviceRoutes(
      lease: lease, live: live, shelf: shelf, limits: limits, budgets: budgets, calibrations: calibrations
    ).add(to: version)
    LiveRoutes(
      status: status, queue: queue, lease: lease, live: live, pictures: pictures, twin: twin, counters: counters,
      limits: limits, clock: configuration.clock, answers: budgets.answers
    ).add(to: version)
    ComparisonRoutes(
      supervisor: supervisor, live: live, twin: twin, calibrations: calibrations, answers: budgets.answers
    )
    .add(to: version)
    CalibrationRoutes(
      supervisor: supervisor, calibrations: calibrations, lease: lease, limits: limits, requests: budgets.requests,
      catalogue: configuration.catalogue
    )
    .add(to: version.group("calibrations"))
    driftRoutes.add(to: version)
    RunRoutes(index: index, queue: queue, folder: state.runs).add(to: version)
    LeaseRoutes(lease: lease, counters: counters, limits: limits, clock: configuration.clock).add(to: version)
    ArrayRoutes(shelf: shelf, limits: limits, budgets: budgets).add(to: version.group("arrays"))
    JobRoutes(queue: queue, limits: limits, budgets: budgets, counters: counters, clock: configuration.clock)
      .add(to: version)
    methods.learn(router)
    return router.buildResponder()
  }
}
