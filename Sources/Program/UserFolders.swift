import Foundation

/// Where the programs keep and look for things of the user, after the XDG base directory specification.
public enum UserFolders {
  /// The user's home.
  public static var home: String { absolute("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path }

  /// What outlasts a session.
  public static var states: String { absolute("XDG_STATE_HOME") ?? home + "/.local/state" }

  /// The socket of a daemon that the user started.
  public static var socket: String { (absolute("XDG_RUNTIME_DIR") ?? states) + "/odu/odud.sock" }

  /// The first of the paths in a variable of the environment; nil when it is none, or relative.
  public static func absolute(_ variable: String) -> String? {
    let value = ProcessInfo.processInfo.environment[variable]?.split(separator: ":").first.map(String.init)
    return value.flatMap { $0.hasPrefix("/") ? $0 : nil }
  }
}
