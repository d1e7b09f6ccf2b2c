import Hummingbird
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
  private let state: StateFolder
  private let started: Double

  init(
    source: BenchSource, state: StateFolder, control: AccessControl, watch: ConnectionWatch,
    configuration: BenchServer.Configuration
  ) throws {
    let (limits, clock) = (configuration.limits, configuration.clock)
    self.configuration = configuration
    (self.control, self.watch) = (control, watch)
    lease = BenchLease(clock: clock)
    live = LiveView()
    supervisor = try BenchSupervisor(
      source: source, lease: lease, live: live, clock: clock, logger: configuration.logger)
    shelf = ArrayShelf(folder: state.arrays)
    index = try RecordIndex(path: state.url.appendingPathComponent("odu.sqlite").path, logger: configuration.logger)
    calibrations = CalibrationStore(state: state.url, index: index, clock: clock)
    let store = JobStore(
      folder: state.runs, index: index, capacity: limits.events, clock: clock, logger: configuration.logger)
    let heads = try store.heads()
    index.fill(jobs: heads, calibrations: calibrations.contents)
    queue = try JobQueue(
      catalogue: configuration.catalogue, lease: lease, store: store, heads: heads, shelf: shelf,
      calibrations: calibrations,
      limits: limits, threads: configuration.threads, outlives: configuration.jobsOutliveService)
    self.state = state
    started = clock.uptime()
  }

  /// What runs beside the listeners, in the order in which it starts.
  var services: [any Service] {
    [
      supervisor, queue, LiveExposures(lease: lease, live: live, clock: configuration.clock),
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
    router.add(middleware: AccessMiddleware(control))
    let status = StatusRoutes(
      supervisor: supervisor, queue: queue, lease: lease, live: live, stateDirectory: state.url.path,
      clock: configuration.clock, started: started, requests: budgets.requests)
    let pictures = LivePictures()
    let twin = TwinPrediction()
    let version = router.group("v1")
    MetricsRoutes(status: status, queue: queue, counters: counters, watch: watch).add(to: router)
    PageRoutes().add(to: router)
    status.add(to: router.group(), version)
    ConfigurationRoutes(supervisor: supervisor).add(to: version)
    DeviceRoutes(lease: lease, live: live, shelf: shelf, limits: limits, budgets: budgets).add(to: version)
    LiveRoutes(
      status: status, queue: queue, lease: lease, live: live, pictures: pictures, twin: twin, counters: counters,
      limits: limits, clock: configuration.clock, answers: budgets.answers
    ).add(to: version)
    ComparisonRoutes(
      supervisor: supervisor, live: live, twin: twin, calibrations: calibrations, answers: budgets.answers
    )
    .add(to: version)
    CalibrationRoutes(supervisor: supervisor, calibrations: calibrations).add(to: version.group("calibrations"))
    RunRoutes(index: index, queue: queue, folder: state.runs).add(to: version)
    LeaseRoutes(lease: lease, counters: counters, limits: limits, clock: configuration.clock).add(to: version)
    ArrayRoutes(shelf: shelf, limits: limits, budgets: budgets).add(to: version.group("arrays"))
    JobRoutes(queue: queue, limits: limits, budgets: budgets, counters: counters, clock: configuration.clock)
      .add(to: version)
    methods.learn(router)
    return router.buildResponder()
  }
}
