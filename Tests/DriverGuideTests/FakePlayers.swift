import Concurrency
import Glibc
import PatternPlayer

/// Players in memory that can be unplugged, filled up and made to fail.
final class FakePlayers: PlayerBus {
  struct Player {
    var width = 8
    var height = 4
    var slots: [UInt64: [UInt8]] = [:]
    /// Slots beside that of the safe pattern.
    var capacity = 16
    var shown: [UInt8]?
    var isPlugged = true
    /// Opened and not closed again.
    var openPorts = 0
    /// The error that opening, storing and playing give.
    var openingError: Int32?
    var storingError: Int32?
    var playingError: Int32?
  }

  private let players: Locked<[String: Player]>

  init(_ serials: [String] = ["7"]) {
    players = Locked(Dictionary(uniqueKeysWithValues: serials.map { ($0, Player()) }))
  }

  subscript(_ serial: String) -> Player {
    get { players.withLock { $0[serial] } ?? Player(isPlugged: false) }
    set { players.withLock { $0[serial] = newValue } }
  }

  func serials() -> [String] { players.withLock { $0.filter(\.value.isPlugged).keys.sorted() } }

  func open(_ serial: String) throws(PortError) -> any PlayerPort {
    guard self[serial].isPlugged else { throw PortError(ENOENT) }
    if let code = self[serial].openingError { throw PortError(code) }
    self[serial].openPorts += 1
    return Port(bus: self, serial: serial)
  }

  private struct Port: PlayerPort {
    let bus: FakePlayers
    let serial: String

    var width: Int { bus[serial].width }
    var height: Int { bus[serial].height }

    func store(_ levels: [UInt8], in slot: UInt64) throws(PortError) {
      guard bus[serial].isPlugged else { throw PortError(ENODEV) }
      if let code = bus[serial].storingError { throw PortError(code) }
      guard slot == 0 || bus[serial].slots.keys.count(where: { $0 > 0 }) < bus[serial].capacity else {
        throw PortError(ENOSPC)
      }
      bus[serial].slots[slot] = levels
    }

    func erase(_ slot: UInt64) { bus[serial].slots[slot] = nil }

    func play(_ slot: UInt64) throws(PortError) {
      guard bus[serial].isPlugged else { throw PortError(ENODEV) }
      if let code = bus[serial].playingError { throw PortError(code) }
      guard let levels = bus[serial].slots[slot] else { throw PortError(EINVAL) }
      bus[serial].shown = levels
    }

    func close() { bus[serial].openPorts -= 1 }
  }
}
