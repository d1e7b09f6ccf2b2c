import ArgumentParser
import BenchAPI
import BenchClient
import Foundation
import Program

/// How to reach the daemon.
struct ConnectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The Unix socket of the daemon.", valueName: "path"), completion: .file())
  var socket = Self.defaultSocket

  var client: BenchClient { BenchClient(socket: socket, leaseToken: Self.leaseToken) }

  /// The lease that this command runs under; see ``Lease``.
  static var leaseToken: String? { variable("ODU_LEASE") }

  /// Where the daemon listens when nobody says otherwise: what the environment says, else the socket of the installed
  /// service, else after the XDG base directory specification.
  static var defaultSocket: String {
    if let given = variable("ODU_SOCKET") { return given }
    let installed = "/run/odu/odud.sock"
    let kind = try? FileManager.default.attributesOfItem(atPath: installed)[.type] as? FileAttributeType
    return kind == .typeSocket ? installed : UserFolders.socket
  }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
