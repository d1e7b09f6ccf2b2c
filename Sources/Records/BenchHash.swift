import Crypto

/// SHA-256, in hexadecimal digits, of a value's JSON with sorted keys.
public enum BenchHash {
  public static func of(_ value: some Encodable) throws -> String {
    SHA256.hexadecimal(try RecordCoding.encode(value))
  }
}

/// Which bench a calibration belongs to: what its file describes, and the devices that it consists of. What calibrations find out about it
/// is no part of this.
public struct BenchIdentity: Sendable, Equatable {
  /// ``BenchHash/of(_:)`` of the twin's description as the bench file has it.
  public let description: String
  /// The devices' serial numbers by their role; devices that have none are absent. Nil while no device is open that could be asked.
  public let serials: [String: String]?

  public init(describing description: some Encodable, serials: [String: String]? = nil) throws {
    self.description = try BenchHash.of(description)
    self.serials = serials
  }

  /// For a calibration whose bench is known by its hash.
  public init(description: String, serials: [String: String] = [:]) {
    (self.description, self.serials) = (description, serials)
  }

  /// The name under which it is marked which calibration of a kind is in force. Calibrations of versions that knew neither kinds nor
  /// serial numbers are marked under the description alone.
  public func slot(_ kind: String) -> String {
    let suffix = kind == CalibrationRecord.twinKind ? "" : "/" + kind
    guard let serials, !serials.isEmpty else { return description + suffix }
    let devices = serials.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
    return description + "@" + SHA256.hexadecimal(devices.utf8).prefix(16) + suffix
  }

  /// Whether a calibration is valid for this bench, as far as is known.
  func accepts(_ calibration: CalibrationRecord) -> Bool {
    calibration.benchHash == description && replacedDevice(since: calibration) == nil
  }

  /// The role of a device that is another one than a calibration was made with; nil when none is known to be. A device without a
  /// serial number may be any.
  func replacedDevice(since calibration: CalibrationRecord) -> String? {
    (calibration.serials ?? [:]).sorted { $0.key < $1.key }
      .first { role, serial in serials?[role].map { $0 != serial } ?? false }?.key
  }
}
