import Measuring

/// A device that puts patterns on the beam: a liquid-crystal panel, a micromirror device, or a simulation of one.
public protocol SpatialLightModulator: Sendable {
  var description: ModulatorDescription { get }
  var state: DeviceState { get async }
  /// What the device may do to patterns although the driver asked for something else, one sentence each.
  var warnings: [String] { get async }
  /// Those of the warnings that have a name.
  var effects: [DeviceEffect] { get async }
  /// The USB bus that the device is on, such as `usb1`; nil for one elsewhere, and where that is not known.
  var bus: String? { get async }
  /// The serial number of the device that is open now; nil when it has none that tells it from others of its kind. A bench whose
  /// device was exchanged is recognised by it.
  var serial: String? { get async }

  /// Transfers patterns of the panel's size to the device. May be slow: everything that can be prepared before the
  /// pattern is wanted on the panel belongs here. The bench uploads while the pattern before is being exposed, so that
  /// this must leave the panel as it is.
  func upload(_ patterns: [Pattern]) async throws -> [PatternHandle]

  /// Puts an uploaded pattern on the panel and returns when it is known to have got there.
  func show(_ handle: PatternHandle) async throws -> PresentationReceipt

  /// Forgets uploaded patterns. The one on the panel stays there.
  func release(_ handles: [PatternHandle]) async

  /// Shows the pattern that is harmless to the bench, whatever happened before.
  func showSafePattern() async throws

  /// Throws when the panel cannot be showing what it should, because it is no longer there. Called for each frame, so
  /// that it must cost microseconds; a device that cannot be asked so quickly does without it.
  func requirePresence() async throws

  /// Closes the device and opens it again, after an error that ``DeviceError/mayRecover``, and shows the safe pattern.
  /// Patterns uploaded before are gone.
  func reconnect() async throws
}

extension SpatialLightModulator {
  public func requirePresence() async throws {}
  public var warnings: [String] { get async { [] } }
  public var effects: [DeviceEffect] { get async { [] } }
  public var bus: String? { get async { nil } }
  public var serial: String? { get async { nil } }
}

/// What a modulator is.
public struct ModulatorDescription: Sendable, Codable, Equatable {
  public var name: String
  public var driver: String
  /// Pixels of the panel.
  public var width: Int
  public var height: Int
  /// Number of grey levels, at most 256.
  public var greyLevels: Int
  /// Patterns per second.
  public var refreshRate: Double
  /// Patterns that the device takes best at once.
  public var uploadCount: Int
  /// Seconds from the time in a receipt until the last line of the pattern has reached the panel too.
  public var scanOut: Double

  public init(
    name: String, driver: String, width: Int, height: Int, greyLevels: Int, refreshRate: Double, uploadCount: Int = 1,
    scanOut: Double = 0
  ) {
    self.name = name
    self.driver = driver
    self.width = width
    self.height = height
    self.greyLevels = greyLevels
    self.refreshRate = refreshRate
    self.uploadCount = uploadCount
    self.scanOut = scanOut
  }
}

extension ModulatorDescription {
  /// Checks that patterns have the size of the panel and no level that it does not have.
  /// - Throws: ``DeviceError/wrongPatternSize(device:expected:found:)`` and
  ///   ``DeviceError/levelOutOfRange(device:level:greyLevels:)``.
  public func validate(_ patterns: [Pattern]) throws {
    for pattern in patterns {
      guard pattern.width == width, pattern.height == height, pattern.levels.count == width * height else {
        throw DeviceError.wrongPatternSize(
          device: name, expected: [width, height], found: [pattern.width, pattern.height])
      }
      if greyLevels < 256, let level = pattern.levels.first(where: { Int($0) >= greyLevels }) {
        throw DeviceError.levelOutOfRange(device: name, level: Int(level), greyLevels: greyLevels)
      }
    }
  }
}

/// When a pattern reached the panel, and how that is known.
public struct PresentationReceipt: Sendable, Equatable {
  public typealias Evidence = PresentationEvidence

  public var handle: PatternHandle
  /// Nanoseconds on the clock of the bench.
  public var time: UInt64
  public var evidence: Evidence

  public init(handle: PatternHandle, time: UInt64, evidence: Evidence) {
    self.handle = handle
    self.time = time
    self.evidence = evidence
  }

  /// The latest time at which the first line of the pattern can have reached the panel, in nanoseconds.
  public var latest: UInt64 {
    guard case .estimated(let bound) = evidence else { return time }
    let (sum, overflows) = time.addingReportingOverflow(bound)
    return overflows ? .max : sum
  }
}
