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
  /// The devices' serial numbers by their role; devices that have none are absent.
  public let serials: [String: String]

  public init(describing description: some Encodable, serials: [String: String] = [:]) throws {
    self.description = try BenchHash.of(description)
    self.serials = serials
  }

  /// For a calibration whose bench is known by its hash.
  public init(description: String, serials: [String: String] = [:]) {
    (self.description, self.serials) = (description, serials)
  }

  /// The name under which it is marked which calibration of a kind is in force. Calibrations of versions that knew neither kinds nor
  /// serial numbers are marked under the description alone.
  public func slot(_ kind: String) -> String { slots(kind)[0] }

  /// The names to look under, the best first: a calibration that does not say which devices it belongs to is valid for all.
  func slots(_ kind: String) -> [String] {
    let suffix = kind == CalibrationRecord.twinKind ? "" : "/" + kind
    if serials.isEmpty { return [description + suffix] }
    let devices = serials.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
    return [description + "@" + SHA256.hexadecimal(devices.utf8).prefix(16) + suffix, description + suffix]
  }
}
