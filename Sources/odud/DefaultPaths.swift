import Foundation
import Program

/// Where things are when no option says so: what systemd made for the service, else after the XDG base directory
/// specification.
enum DefaultPaths {
  static var bench: String {
    let installed = "/etc/odu/bench.yaml"
    return FileManager.default.fileExists(atPath: installed) ? installed : "simulated"
  }

  static var state: String { UserFolders.absolute("STATE_DIRECTORY") ?? UserFolders.states + "/odu" }

  static var socket: String {
    UserFolders.absolute("RUNTIME_DIRECTORY").map { $0 + "/odud.sock" } ?? UserFolders.socket
  }
}
