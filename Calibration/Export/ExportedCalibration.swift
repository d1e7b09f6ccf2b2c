import Foundation

/// A calibration on its way from one state folder to another, with what decides whether it is of a bench.
public struct ExportedCalibration: Sendable, Codable, Equatable {
  public var date: Date
  /// The bench's hash, as calibrations have it.
  public var bench: String
  /// The serial numbers of the devices by their role; nil when none has one.
  public var serials: [String: String]?
  /// The hash of what the bench file said of devices and layout; nil where that was not kept.
  public var setup: String?
  public var product: Product

  public init(date: Date, bench: String, serials: [String: String]?, setup: String?, product: Product) {
    self.date = date
    self.bench = bench
    self.serials = serials
    self.setup = setup
    self.product = product
  }

  /// Reads the line of a bench file.
  ///
  /// - Throws: `DecodingError`.
  public init(line: String) throws { self = try Self.decoder.decode(ExportedCalibration.self, from: Data(line.utf8)) }

  /// One line of JSON for a bench file.
  public func line() throws -> String { String(decoding: try Self.encoder.encode(self), as: UTF8.self) }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return decoder
  }
}
