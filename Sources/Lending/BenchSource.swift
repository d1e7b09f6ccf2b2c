import BenchFile
import Devices

/// Where a daemon gets its bench from, now and whenever its devices come back or its file is read again.
public struct BenchSource: Sendable {
  /// Reads the bench file.
  public var load: @Sendable () throws -> BenchFile
  /// Opens the devices that a bench file names.
  public var open: @Sendable (BenchFile) async throws -> BenchEquipment
  /// Tells when devices may have come.
  public var watch: any DeviceWatch
  /// The clock of `watch`.
  public var clock: any BenchClock

  public init(
    load: @escaping @Sendable () throws -> BenchFile,
    open: @escaping @Sendable (BenchFile) async throws -> BenchEquipment,
    watch: any DeviceWatch = NoDeviceWatch(), clock: any BenchClock = MonotonicClock()
  ) {
    self.load = load
    self.open = open
    self.watch = watch
    self.clock = clock
  }

  /// A bench that is open already.
  public init(_ equipment: BenchEquipment) {
    self.init(load: { equipment.file }, open: { _ in equipment })
  }
}
