import Concurrency
import Files
import Foundation

/// What happened in the course of time, one JSON text on each line of a file that is only appended to.
///
/// The number of lines is bounded: when there are too many, every second one of the older half is forgotten, so that what is long ago is
/// known at wider steps.
public final class Ledger<Line: Codable & Sendable>: Sendable {
  private let file: LineFile
  private let limit: Int
  private let content: Locked<[Line]>
  /// What could not be read, and why; the rest is not concerned. Nil when all is well.
  public let damage: String?

  /// - Parameters:
  ///   - path: of the file, which is made when the first line is appended.
  ///   - limit: lines that are kept at most.
  public init(path: String, limit: Int = 1024) {
    file = LineFile(path: path)
    self.limit = limit
    var (found, damage) = ([Line](), String?.none)
    do {
      let lines = try file.lines()
      found = lines.compactMap { try? RecordCoding.decode(Line.self, from: Data($0)) }
      let lost = lines.count - found.count
      if lost > 0 { damage = "\(path): \(lost) of \(lines.count) lines are damaged and left out" }
    } catch {
      damage = "\(error)"
    }
    content = Locked(found)
    self.damage = damage
  }

  /// Oldest first.
  public var lines: [Line] { content.withLock { $0 } }

  public var last: Line? { content.withLock { $0.last } }

  /// - Throws: `FilesError` when it cannot be kept; then it is not in ``lines`` either.
  public func append(_ line: Line) throws {
    try content.withLock { lines in
      let all = lines + [line]
      if all.count > limit {
        let kept = Self.thinned(all)
        try file.replace(by: kept.map { [UInt8](try RecordCoding.encode($0)) })
        lines = kept
      } else {
        try file.append([UInt8](RecordCoding.encode(line)))
        lines = all
      }
    }
  }

  private static func thinned(_ lines: [Line]) -> [Line] {
    let half = lines.count / 2
    return lines.enumerated().filter { $0.offset >= half || $0.offset % 2 == 0 }.map(\.element)
  }
}
