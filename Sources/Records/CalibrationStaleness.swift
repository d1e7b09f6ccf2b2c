import Foundation

/// Why a calibration should be made again.
public enum CalibrationStaleness: Sendable, Equatable, CustomStringConvertible {
  /// The bench is described otherwise than when it was calibrated.
  case otherBench
  /// A device is another one than when it was calibrated.
  case otherDevice(role: String)
  /// Devices, or what they see, are set otherwise than when it was made.
  case otherSetup
  /// Something that it builds on is no longer in force.
  case parent
  /// It is older than calibrations should be; seconds.
  case tooOld(age: TimeInterval, limit: TimeInterval)
  /// Its date lies ahead of the clock by so many seconds: one of them is wrong, and the age is unknown.
  case ahead(by: TimeInterval)

  /// How old a calibration may be unless told otherwise: 7 days.
  public static let defaultLimit: TimeInterval = 7 * 24 * 3600
  /// How far a clock may be set back before ages mean nothing.
  private static let clockTolerance: TimeInterval = 300

  /// Nil when the calibration is still good.
  ///
  /// - Parameters:
  ///   - parents: the content hashes of the calibrations in force; nil when they do not matter.
  ///   - isOfSetup: whether devices and layout are set as they were, as far as that matters.
  public init?(
    of calibration: CalibrationRecord, on bench: BenchIdentity, parents: Set<String>? = nil, isOfSetup: Bool = true,
    at date: Date,
    limit: TimeInterval = CalibrationStaleness.defaultLimit
  ) {
    let age = date.timeIntervalSince(calibration.date)
    if calibration.benchHash != bench.description {
      self = .otherBench
    } else if let role = bench.replacedDevice(since: calibration) {
      self = .otherDevice(role: role)
    } else if !isOfSetup {
      self = .otherSetup
    } else if let parents, !parents.isSuperset(of: calibration.parents ?? []) {
      self = .parent
    } else if age < -Self.clockTolerance {
      self = .ahead(by: -age)
    } else if age > limit {
      self = .tooOld(age: age, limit: limit)
    } else {
      return nil
    }
  }

  /// What programs decide by; it stays when the words change.
  public var code: String {
    switch self {
    case .otherBench: "calibration.stale.bench"
    case .otherDevice, .otherSetup: "calibration.stale.device"
    case .parent: "calibration.stale.parent"
    case .tooOld: "calibration.stale.age"
    case .ahead: "calibration.stale.clock"
    }
  }

  public var description: String {
    switch self {
    case .otherDevice(let role):
      "the device in the role of \(role) is another one than the calibrated one; calibrate again"
    case .otherSetup: "the bench file sets devices or layout otherwise than when it was made; calibrate again"
    case .parent: "a calibration that it builds on is no longer in force; calibrate again"
    case .otherBench: "the bench file describes another bench than the calibrated one; calibrate again"
    case .tooOld(let age, let limit):
      "it is \(Self.text(age)) old, more than \(Self.text(limit)); calibrate again"
    case .ahead(let seconds):
      "its date is \(Self.text(seconds)) ahead of the clock, and its age unknown; set the clock or calibrate again"
    }
  }

  private static func text(_ seconds: TimeInterval) -> String {
    let units: [(seconds: Double, name: String)] = [(86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
    let unit = units.first { seconds >= $0.seconds } ?? units[3]
    let number = (seconds / unit.seconds * 10).rounded(.down) / 10
    let digits = number == number.rounded() ? String(format: "%.0f", number) : String(format: "%.1f", number)
    return "\(digits) \(unit.name)\(number == 1 ? "" : "s")"
  }
}
