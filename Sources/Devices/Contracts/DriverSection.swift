import Catalogues
import StrictYAML

/// A section of the bench file that a driver reads itself. It has the driver's name, and describes what the driver's devices
/// share with one another: a plant behind them, a clock, a chassis. Such devices are used together or not at all.
public struct DriverSection: Sendable {
  /// The section with its keys, for the reference of bench files.
  public var parameter: Parameter
  /// Reads the section.
  ///
  /// - Parameters:
  ///   - file: the whole file, of which it reads the section of its name, and whose layout it may find at fault.
  ///   - layout: where things lie on the devices; nil when that could not be read.
  /// - Returns: nil when the mistakes that it has reported leave nothing to return.
  public var read: @Sendable (_ file: Section, _ layout: BenchLayout?) -> (any SharedDevices)?

  public init(
    _ parameter: Parameter, read: @escaping @Sendable (_ file: Section, _ layout: BenchLayout?) -> (any SharedDevices)?
  ) {
    self.parameter = parameter
    self.read = read
  }
}

/// What a driver's section says, from which its devices are made. `odu-ctl bench show` prints it.
public protocol SharedDevices: Sendable, Encodable {
  /// Makes the devices.
  ///
  /// - Parameters:
  ///   - optics: what the bench file says of the light between them.
  ///   - layout: where things lie on them.
  /// - Throws: ``KeyedError`` for a value that makes no sense, ``BenchError`` when the layout does not fit the devices.
  func open(optics: NominalOptics, layout: BenchLayout) throws -> DeviceSet
}

/// Devices that belong together.
public struct DeviceSet: Sendable {
  /// Hands out the devices.
  public var driver: Driver
  /// Their clock.
  public var clock: any BenchClock
  /// What the devices hide from everybody else: the true values at the start by the twin's names for them. For reports and
  /// tests only; calibration must find them out by measuring. Nil for devices that exist.
  public var truth: [String: Double]?

  public init(driver: Driver, clock: any BenchClock, truth: [String: Double]? = nil) {
    self.driver = driver
    self.clock = clock
    self.truth = truth
  }
}

/// An error about one value of the bench file.
public protocol KeyedError: Error {
  /// The dotted key of the value.
  var key: String { get }
  /// What is wrong with it, and what to give.
  var mistake: String { get }
}
