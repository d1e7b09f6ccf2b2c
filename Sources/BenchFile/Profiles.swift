import Foundation
import StrictYAML

/// The bench profiles that come with odu, found by name.
///
/// They are looked for in the folder that the environment variable `ODU_PROFILES` names, in `../share/odu/profiles` beside
/// the executable, where an installation puts them, and in `Calibration/Profiles` of a source tree around the executable.
public enum Profiles {
  /// The path of a bench file given by path or by profile name (`simulated` or `simulated.yaml`).
  ///
  /// - Throws: `ReadingError.unreadable` when there is neither.
  public static func locate(_ pathOrName: String) throws -> String {
    if isFile(pathOrName) { return pathOrName }
    if !pathOrName.contains("/") {
      let name = pathOrName.hasSuffix(".yaml") ? pathOrName : pathOrName + ".yaml"
      if let found = folders().map({ $0 + "/" + name }).first(where: isFile) { return found }
    }
    if FileManager.default.fileExists(atPath: pathOrName) {
      throw ReadingError.unreadable(path: pathOrName, reason: "is a folder; expected a bench file in YAML")
    }
    let places = folders().isEmpty ? "any folder; set ODU_PROFILES" : folders().joined(separator: ", ")
    throw ReadingError.unreadable(path: pathOrName, reason: "no such file, and no profile of that name in \(places)")
  }

  /// The folders that exist, in the order in which they are searched.
  public static func folders() -> [String] {
    let executable = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .map { URL(fileURLWithPath: $0) }
    let beside = (running ?? executable).deletingLastPathComponent()
    var candidates = [ProcessInfo.processInfo.environment["ODU_PROFILES"]].compactMap(\.self)
    candidates.append(beside.deletingLastPathComponent().appendingPathComponent("share/odu/profiles").path)
    candidates += ancestors(of: beside).map { $0.appendingPathComponent("Calibration/Profiles").path }
    return candidates.filter { FileManager.default.fileExists(atPath: $0) }
  }

  private static func ancestors(of folder: URL) -> [URL] {
    sequence(first: folder) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }.map(\.self)
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }
}
