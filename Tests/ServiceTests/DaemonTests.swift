import BenchAPI
import BenchClient
import BenchService
import BenchTestKit
import Foundation
import Jobs
import ServiceCore
import Testing

/// The daemon as a process sees it: its folder, its socket, its end.
@Suite struct DaemonTests {
  @Test("a second daemon on the same state folder is refused with the process id of the first")
  func stateFolderLock() async throws {
    try await withFolder { folder in
      let first = try StateFolder(path: folder.path)
      let error = #expect(throws: ServiceError.self) { try StateFolder(path: folder.path) }
      #expect("\(try #require(error))".contains("process id \(ProcessInfo.processInfo.processIdentifier)"))
      #expect(!"\(try #require(error))".contains("\n"))
      withExtendedLifetime(first) {}
    }
  }

  @Test("a state folder is free again when its daemon is gone")
  func stateFolderRelease() async throws {
    try await withFolder { folder in
      do { _ = try StateFolder(path: folder.path) }
      _ = try StateFolder(path: folder.path)
    }
  }

  @Test("a socket on which a daemon answers is refused, and that daemon goes on")
  func socketInUse() async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { daemon async throws in
        #expect(throws: ServiceError.self) { try SocketPath.prepare(daemon.socket) }
        #expect(try await daemon.client.status().queued == 0)
      }
    }
  }

  @Test("the socket file that a killed daemon left is replaced")
  func staleSocket() async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("s").path
      try bindAndAbandon(path)
      try await LiveDaemon.run(in: folder) { daemon async throws in
        #expect(try await daemon.client.status().version == SoftwareVersion.current)
      }
    }
  }

  @Test("a daemon that ends leaves the socket of another alone, which has taken its place")
  func anothersSocket() async throws {
    try await withFolder { folder in
      let other = try await LiveDaemon.run(in: folder) { daemon async throws in
        unlink(daemon.socket)
        try bindAndAbandon(daemon.socket)
        return daemon.socket
      }
      #expect(FileManager.default.fileExists(atPath: other))
      unlink(other)
      try await LiveDaemon.run(in: folder) { _ async throws in }
      #expect(!FileManager.default.fileExists(atPath: other))
    }
  }

  @Test("a file that is no socket is never removed")
  func foreignFile() async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("s").path
      try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: ServiceError.self) { try SocketPath.prepare(path) }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
      #expect(throws: ServiceError.self) { try SocketPath.prepare("/" + String(repeating: "s", count: 200)) }
    }
  }

  @Test("without a daemon the client says at once what to start")
  func notRunning() async throws {
    try await withFolder { folder in
      let socket = folder.appendingPathComponent("s").path
      let missing = await #expect(throws: BenchClientError.self) { try await BenchClient(socket: socket).status() }
      #expect(missing == .unreachable(socket: socket, .absent))
      #expect("\(try #require(missing))".contains("odud --bench"))
      try bindAndAbandon(socket)
      let stale = await #expect(throws: BenchClientError.self) { try await BenchClient(socket: socket).status() }
      #expect(stale == .unreachable(socket: socket, .abandoned))
    }
  }

  @Test(
    "what is no socket, what is too long for one and what may not be opened are told apart, and no start is advised")
  func unusableSocket() async throws {
    try await withFolder { folder in
      let (file, long) = (
        folder.appendingPathComponent("f").path, folder.path + "/" + String(repeating: "s", count: 108)
      )
      try Data().write(to: URL(fileURLWithPath: file))
      var expected: [(String, SocketFailure)] = [
        (file, .notASocket(found: "a file")), (folder.path, .notASocket(found: "a folder")),
        (long, .tooLong(bytes: long.utf8.count)),
      ]
      // Root may open everything.
      if getuid() != 0 {
        let socket = folder.appendingPathComponent("s").path
        try bindAndAbandon(socket)
        chmod(socket, 0)
        expected.append((socket, .forbidden))
      }
      for (path, failure) in expected {
        let error = await #expect(throws: BenchClientError.self) { try await BenchClient(socket: path).status() }
        #expect(error == .unreachable(socket: path, failure))
        #expect(error?.isAbsence == false && error?.description.contains("odud --bench") == false)
      }
    }
  }

  @Test("only the owner can connect, and the socket is gone when the daemon has ended")
  func socketLife() async throws {
    try await withFolder { folder in
      let socket = try await LiveDaemon.run(in: folder) { daemon async throws in
        let mode = try FileManager.default.attributesOfItem(atPath: daemon.socket)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        return daemon.socket
      }
      #expect(!FileManager.default.fileExists(atPath: socket))
    }
  }

  @Test("shutting down cancels the running job and the queue, ends their event streams and leaves the bench safe")
  func shutdown() async throws {
    try await withFolder { folder in
      let unit = try await LiveDaemon.run(in: folder) { daemon async throws in
        let running = try await daemon.count(2, waits: true)
        await daemon.stage.pass("counted")
        let waiting = try await daemon.count(2)
        async let first = daemon.events(of: running.id)
        async let second = daemon.events(of: waiting.id)
        await daemon.group.triggerGracefulShutdown()
        #expect(try await first.states.last == .cancelled)
        #expect(try await second.states.last == .cancelled)
        return daemon.bench.unit
      }
      #expect(unit.stops == 2)
    }
  }

  @Test("jobs outlive their daemon, with events, results and artefacts, and numbers go on")
  func restart() async throws {
    try await withFolder { folder in
      let (before, events) = try await LiveDaemon.run(in: folder) { daemon async throws in
        let job = try await daemon.count(3)
        let events = try await daemon.events(of: job.id)
        return (try await daemon.client.job(job.id), events)
      }
      try await LiveDaemon.run(in: folder) { daemon async throws in
        #expect(try await daemon.client.jobs() == [before])
        #expect(try await daemon.events(of: before.id) == events)
        #expect(try await daemon.client.result(of: before.id, as: CountJob.Result.self).sum == 3)
        #expect(try await daemon.client.artefact("count.npy", of: before.id).count > 0)
        #expect(before.id == "0001-count")
        #expect(try await daemon.count(1).id == "0002-count")
      }
    }
  }

  @Test("a job that a killed daemon left running is taken up by the next one, without being submitted again")
  func interrupted() async throws {
    try await withFolder { folder in
      let snapshot = folder.appendingPathComponent("snapshot")
      try await LiveDaemon.run(in: folder) { daemon async throws in
        let job = try await daemon.count(1, waits: true)
        await daemon.stage.pass("counted")
        // What the disk holds now is what a kill would leave.
        try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
          at: folder.appendingPathComponent("state"), to: snapshot.appendingPathComponent("state"))
        daemon.stage.open("finish")
        _ = try await daemon.events(of: job.id)
      }
      try await LiveDaemon.run(in: snapshot) { daemon async throws in
        let job = try #require(try await daemon.client.jobs().first)
        let states = try await daemon.events(of: job.id).states
        #expect(states == [.queued, .running, .queued, .running, .succeeded])
        #expect(try await daemon.client.result(of: job.id, as: CountJob.Result.self).sum == 0)
      }
    }
  }
}

/// Leaves a socket file behind on which nobody listens.
private func bindAndAbandon(_ path: String) throws {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  let bound = withUnsafePointer(to: address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  try #require(bound == 0)
}
