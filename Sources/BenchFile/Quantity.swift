import Foundation

/// A physical quantity of a bench file: its unit and the values that a bench can have. A value outside is a mistake, most
/// often of unit, so that the message proposes the same digits with the metric prefix that fits.
struct Quantity: Sendable {
  let unit: String
  let range: ClosedRange<Double>
  /// Exponents of the prefixes people write such a quantity in, the likeliest first.
  let prefixes: [Int]

  init(_ range: ClosedRange<Double>, unit: String = "", prefixes: [Int] = []) {
    self.range = range
    self.unit = unit
    self.prefixes = prefixes
  }

  static let pitch = Quantity(1e-7...1e-3, unit: "metres", prefixes: [-6, -3, -9])
  static let wavelength = Quantity(1e-7...2e-5, unit: "metres", prefixes: [-9, -6])
  static let distance = Quantity(1e-6...1, unit: "metres", prefixes: [-3, -6])
  static let mirrorGap = Quantity(1e-6...1, unit: "metres", prefixes: [-3, -6])
  /// How far a distance is off.
  static let deviation = Quantity(0...0.1, unit: "metres", prefixes: [-6, -3])
  static let magnitude = Quantity(0...0.5, unit: "radians", prefixes: [-3, -6])
  static let duration = Quantity(0...60, unit: "seconds", prefixes: [-3, -6])
  static let patience = Quantity(0...3600, unit: "seconds", prefixes: [])
  static let rate = Quantity(0.01...1e6, unit: "hertz", prefixes: [])
  static let fraction = Quantity(0...1)
  static let angle = Quantity(-0.5...0.5, unit: "radians", prefixes: [-3, -6])

  /// What to tell someone who wrote `text` for the value, or nil when the value is plausible.
  func objection(to value: Double, written text: String, name: String) -> String? {
    guard value.isFinite else { return "\(text) is not a finite number; expected \(span)" }
    if range.contains(value) { return nil }
    let stated = unit.isEmpty ? "\(text) is out of range" : "\(text) is \(text) \(unit)"
    let fitting = prefixes.first { range.contains(value * pow(10, Double($0))) }
    if let fitting { return "\(stated); did you mean \(scaled(value, by: fitting))? (expected \(span))" }
    return "\(stated); expected \(span)"
  }

  private var span: String {
    "\(shortest(range.lowerBound)) to \(shortest(range.upperBound))" + (unit.isEmpty ? "" : " \(unit)")
  }

  private func scaled(_ value: Double, by exponent: Int) -> String {
    let digits = shortest(value)
    return digits.contains("e") ? shortest(value * pow(10, Double(exponent))) : "\(digits)e\(exponent)"
  }
}

/// The shortest usual form of a number: `8`, `0.02`, `8e-06` as `8e-6`.
func shortest(_ value: Double) -> String {
  let text = String(format: "%.6g", value)
  guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else { return text }
  return "\(text[..<mark])e\(exponent)"
}
