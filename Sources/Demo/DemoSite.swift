import BenchAPI
import BenchClient

/// Where the demo runs: a daemon, and what shows its progress.
package struct DemoSite: Sendable {
  package let client: BenchClient
  /// Shows what runs the demo.
  let greet: @Sendable (StatusResponse, [DeviceStatus]) -> Void
  /// Runs a job to its end and brings its files to a folder; throws unless the job succeeds.
  let perform: @Sendable (JobRequest, _ folder: String) async throws -> JobSummary
  /// Bytes of the daemon at its largest, where the system tells.
  let peakMemory: @Sendable () -> Int?

  package init(
    client: BenchClient, greet: @escaping @Sendable (StatusResponse, [DeviceStatus]) -> Void,
    perform: @escaping @Sendable (JobRequest, _ folder: String) async throws -> JobSummary,
    peakMemory: @escaping @Sendable () -> Int?
  ) {
    (self.client, self.greet, self.perform, self.peakMemory) = (client, greet, perform, peakMemory)
  }
}
