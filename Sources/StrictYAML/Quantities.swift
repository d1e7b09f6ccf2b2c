/// Quantities of benches and of what is done with them.
extension Quantity {
  public static let pitch = Quantity(1e-7...1e-3, unit: "metres", prefixes: [-6, -3, -9])
  public static let wavelength = Quantity(1e-7...2e-5, unit: "metres", prefixes: [-9, -6])
  public static let distance = Quantity(1e-6...1, unit: "metres", prefixes: [-3, -6])
  /// A way that light goes, backwards when it is negative.
  public static let path = Quantity(-1...1, unit: "metres", prefixes: [-3, -6])
  public static let mirrorGap = Quantity(1e-6...1, unit: "metres", prefixes: [-3, -6])
  /// How far a distance is off.
  public static let deviation = Quantity(0...0.1, unit: "metres", prefixes: [-6, -3])
  public static let magnitude = Quantity(0...0.5, unit: "radians", prefixes: [-3, -6], remark: degree)
  public static let duration = Quantity(0...60, unit: "seconds", prefixes: [-3, -6])
  /// How long a panel takes to follow; the slowest liquid crystals need a few tenths of a second.
  public static let response = Quantity(0...0.5, unit: "seconds", prefixes: [-3, -6])
  /// A phase, of which a few turns may be meant.
  public static let phase = Quantity(
    -20...20, unit: "radians", remark: "180 degrees are 3.14159, one turn or one wave is 6.28319")
  public static let patience = Quantity(0...3600, unit: "seconds", prefixes: [])
  public static let rate = Quantity(0.01...1e6, unit: "hertz", prefixes: [])
  public static let angle = Quantity(-0.5...0.5, unit: "radians", prefixes: [-3, -6], remark: degree)
  private static let degree = "1 degree is 0.0174533"
}
