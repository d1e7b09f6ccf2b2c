import Concurrency
import Files
import Foundation

/// The last running numbers of jobs and calibrations. A number is on the disk before anything has it, and is never given
/// again, also when what had it was removed.
public final class NumberCounter: Sendable {
  /// The last number of each kind.
  public struct Last: Codable, Sendable, Equatable {
    public var run = 0
    public var calibration = 0
  }

  private let file: StateFile
  private let last: Locked<Last>
  /// Why the numbers that were on the disk cannot be read; those in use are then all that is known.
  public let damage: String?

  /// - Parameter path: `<state>/numbers.state`.
  public init(path: String) {
    file = StateFile(path: path, schema: 1, limit: 1 << 16)
    var (found, damage) = (Last(), String?.none)
    if file.exists {
      do {
        let loaded = try file.load()
        found = try RecordCoding.decode(Last.self, from: Data(loaded.bytes))
      } catch {
        damage = "\(error)"
      }
    }
    let usable = 0...RunningNumber.highest
    if !usable.contains(found.run) || !usable.contains(found.calibration) {
      (found, damage) = (Last(), "\(path): the numbers in it are none that are given")
    }
    last = Locked(found)
    self.damage = damage
  }

  /// Takes note of a number that is in use.
  public func note(_ number: Int, of kind: WritableKeyPath<Last, Int> & Sendable) {
    last.withLock { $0[keyPath: kind] = max($0[keyPath: kind], min(number, RunningNumber.highest)) }
  }

  /// A number that was never given.
  ///
  /// - Throws: `FilesError` when it cannot be kept; ``RecordsError/numbersUsedUp(folder:)`` when there are no more.
  public func next(_ kind: WritableKeyPath<Last, Int> & Sendable) throws -> Int {
    try last.withLock { last in
      guard last[keyPath: kind] < RunningNumber.highest else { throw RecordsError.numbersUsedUp(folder: file.path) }
      var next = last
      next[keyPath: kind] += 1
      try file.save([UInt8](RecordCoding.encode(next)))
      last = next
      return next[keyPath: kind]
    }
  }
}
