import BenchAPI
import BenchClient
import BenchFile
import Concurrency
import Devices
import Foundation
import Lending
import Testing

/// A daemon whose devices are missing, and one whose bench file is read again.
@Suite struct SupervisionTests {
  /// Opens a bench only once its device is there.
  private final class Outlet: DeviceWatch {
    private let state = Locked((isPlugged: false, text: ""))
    private let signal = AsyncStream.makeStream(of: Void.self)

    func plug() {
      state.withLock { $0.isPlugged = true }
      signal.continuation.finish()
    }

    /// What the bench file says from now on.
    func write(_ text: String) { state.withLock { $0.text = text } }

    func waitForChange(until deadline: UInt64) async throws {
      for await _ in signal.stream {}
      try Task.checkCancellation()
    }

    func source(_ equipment: BenchEquipment) -> BenchSource {
      let yaml = equipment.file.text
      return BenchSource(
        load: { [self] in
          let text = state.withLock { $0.text }
          return try BenchFile(yaml: text.isEmpty ? yaml : text, path: "fake.yaml")
        },
        open: { [self] file in
          guard state.withLock({ $0.isPlugged }) else {
            throw DeviceError.disconnected(device: "camera", reason: "it is not plugged in")
          }
          var opened = equipment
          opened.file = file
          return opened
        }, watch: self)
    }
  }

  @Test("without its devices the daemon serves, says what is missing, and takes up its jobs when they come")
  func degraded() async throws {
    let outlet = Outlet()
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder, source: outlet.source) { daemon async throws in
        let job = try await daemon.count(2)
        for try await event in daemon.client.events(of: job.id) {
          if case .state(.paused, let message, let cause) = event.content {
            #expect(message?.contains("not plugged in") == true)
            #expect(Cause(rawValue: cause ?? "")?.code == .device)
            break
          }
        }
        let status = try await daemon.client.status()
        #expect(status.state == .degraded && status.message?.contains("camera") == true)
        let refusal = await #expect(throws: BenchClientError.self) { try await daemon.client.frame() }
        #expect("\(try #require(refusal))".contains("not plugged in"))
        #expect(status.cause == refusal?.cause?.rawValue && refusal?.cause?.code == .device)
        outlet.plug()
        #expect(try await daemon.events(of: job.id).states == [.queued, .paused, .queued, .running, .succeeded])
        #expect(try await daemon.client.status().state == .ready)
      }
    }
  }

  @Test("a bench file that is wrong leaves the old one in force and says why; a right one comes into force")
  func reload() async throws {
    let outlet = Outlet()
    outlet.plug()
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder, source: outlet.source) { daemon async throws in
        let before = try await daemon.client.configuration()
        outlet.write("geometry: {kind: torus}")
        let refused = try await daemon.client.reload()
        #expect(refused.text == before.text && refused.problem?.contains("torus") == true)
        #expect(try await daemon.events(of: try await daemon.count(1).id).states.last == .succeeded)
        outlet.write(before.text + "\n# another line\n")
        #expect(try await daemon.client.reload().problem == nil)
        // The new file comes into force as soon as the bench is free, which a job behind it waits for.
        while try await daemon.client.configuration().text == before.text {
          #expect(try await daemon.events(of: try await daemon.count(1).id).states.last == .succeeded)
        }
        #expect(try await daemon.client.configuration().text.hasSuffix("# another line\n"))
      }
    }
  }
}
