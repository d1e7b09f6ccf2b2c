import Foundation

/// The revision of the source code that this program was built from.
///
/// An installation says so in `../share/odu/revision` beside the executable, a source tree by its checkout.
package enum SoftwareRevision {
  package static let current = installed ?? checkedOut ?? "unknown"

  private static let folder = URL(
    fileURLWithPath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
  ).deletingLastPathComponent()

  private static var installed: String? {
    line(folder.deletingLastPathComponent().appendingPathComponent("share/odu/revision"))
  }

  /// The commit that is checked out around the executable; the sources may have been changed since.
  private static var checkedOut: String? {
    var place = folder
    while place.path != "/" {
      let git = place.appendingPathComponent(".git", isDirectory: true)
      if let head = line(git.appendingPathComponent("HEAD")) {
        let reference = head.hasPrefix("ref: ") ? line(git.appendingPathComponent(String(head.dropFirst(5)))) : head
        return reference.map { "\($0), or later" }
      }
      place.deleteLastPathComponent()
    }
    return nil
  }

  private static func line(_ url: URL) -> String? {
    let text = try? String(contentsOf: url, encoding: .utf8)
    return text?.split(separator: "\n").first.map(String.init)
  }
}
