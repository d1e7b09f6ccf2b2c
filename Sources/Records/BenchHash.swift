import BenchAPI

/// A name for a bench as its twin describes it: calibrations belong to the bench that they were made on.
public enum BenchHash {
  /// SHA-256, in hexadecimal digits, of the description's JSON with sorted keys.
  public static func of(_ description: some Encodable) throws -> String {
    SHA256.hexadecimal(try APICoding.encode(description))
  }
}
