import BenchAPI
import Calibration
import ReadableNumbers

/// The calibrations in force and what they build on.
struct CalibrationGraph: Encodable {
  struct Node: Encodable {
    var kind: String
    /// Nil where the bench was never calibrated so.
    var id: String?
    /// Seconds; nil where the bench was never calibrated so.
    var age: Double?
    /// Why it should be made again; nil when it need not.
    var reason: String?
    var cause: String?
    /// The kinds of the nodes that it builds on.
    var parents: [String]
    /// How many it builds on that are not in force any more.
    var lost: Int
    /// How far from what builds on nothing.
    var depth: Int
  }

  /// In the order in which calibrations build on each other.
  var nodes: [Node]

  /// - Parameter calibrations: all of this bench, newest first.
  init(_ calibrations: [CalibrationSummary]) {
    let present = calibrations.filter(\.inForce)
    nodes = []
    for kind in ProductKind.allCases.map(\.rawValue) {
      guard let calibration = present.first(where: { $0.kind == kind }) else {
        nodes.append(Node(kind: kind, parents: [], lost: 0, depth: 0))
        continue
      }
      let hashes = calibration.parents ?? []
      let parents = present.filter { $0.contentHash.map(hashes.contains) ?? false }.map(\.kind)
      let depth = nodes.filter { parents.contains($0.kind) }.map { $0.depth + 1 }.max() ?? 0
      nodes.append(
        Node(
          kind: kind, id: calibration.id, age: calibration.age, reason: calibration.reason, cause: calibration.cause,
          parents: parents, lost: hashes.count - parents.count, depth: depth))
    }
  }

  var text: String {
    table(
      ["KIND", "ID", "AGE", "BUILDS ON", "STATE"],
      nodes.map { [$0.kind, $0.id ?? "", $0.age.map(duration) ?? "", buildsOn($0), $0.standing] }, empty: "")
  }

  private func buildsOn(_ node: Node) -> String {
    let parents = nodes.filter { node.parents.contains($0.kind) }.map { "\($0.kind) \($0.id ?? "")" }
    let lost = node.lost > 0 ? ["\(node.lost) not in force any more"] : []
    return (parents + lost).joined(separator: ", ")
  }
}

extension CalibrationGraph.Node {
  var standing: String {
    if id == nil { return "not calibrated" }
    return reason.map { "stale: \($0)" } ?? "in force"
  }
}
