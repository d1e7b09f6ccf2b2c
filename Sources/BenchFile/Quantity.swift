import Foundation
import ReadableNumbers

/// A physical quantity of a bench file: its unit and the values that a bench can have. A value outside is a mistake, most
/// often of unit, so that the message proposes the same digits with the metric prefix that fits.
public struct Quantity: Sendable {
  let unit: String
  let range: ClosedRange<Double>
  /// Exponents of the prefixes people write such a quantity in, the likeliest first.
  let prefixes: [Int]
  /// What somebody may have meant who wrote a value outside; empty when nobody knows.
  let remark: String

  init(_ range: ClosedRange<Double>, unit: String = "", prefixes: [Int] = [], remark: String = "") {
    self.range = range
    self.unit = unit
    self.prefixes = prefixes
    self.remark = remark
  }

  public static let pitch = Quantity(1e-7...1e-3, unit: "metres", prefixes: [-6, -3, -9])
  public static let wavelength = Quantity(1e-7...2e-5, unit: "metres", prefixes: [-9, -6])
  static let distance = Quantity(1e-6...1, unit: "metres", prefixes: [-3, -6])
  /// A way that light goes, backwards when it is negative.
  public static let path = Quantity(-1...1, unit: "metres", prefixes: [-3, -6])
  static let mirrorGap = Quantity(1e-6...1, unit: "metres", prefixes: [-3, -6])
  /// How far a distance is off.
  static let deviation = Quantity(0...0.1, unit: "metres", prefixes: [-6, -3])
  static let magnitude = Quantity(0...0.5, unit: "radians", prefixes: [-3, -6], remark: degree)
  static let duration = Quantity(0...60, unit: "seconds", prefixes: [-3, -6])
  /// How long a panel takes to follow; the slowest liquid crystals need a few tenths of a second.
  static let response = Quantity(0...0.5, unit: "seconds", prefixes: [-3, -6])
  /// A phase, of which a few turns may be meant.
  static let phase = Quantity(
    -20...20, unit: "radians", remark: "180 degrees are 3.14159, one turn or one wave is 6.28319")
  static let patience = Quantity(0...3600, unit: "seconds", prefixes: [])
  static let rate = Quantity(0.01...1e6, unit: "hertz", prefixes: [])
  static let fraction = Quantity(0...1)
  static let angle = Quantity(-0.5...0.5, unit: "radians", prefixes: [-3, -6], remark: degree)
  private static let degree = "1 degree is 0.0174533"

  /// Why a text is not such a quantity.
  public struct Objection: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// The value that somebody wrote.
  ///
  /// - Throws: ``Objection`` for what is no number or no plausible value.
  public func value(of text: String) throws(Objection) -> Double {
    guard let value = Self.number(from: text) else {
      throw Objection(description: "expected a number, found \"\(text)\"\(remark(onUnitOf: text))")
    }
    if let objection = objection(to: value, written: text) { throw Objection(description: objection) }
    return value
  }

  /// YAML's own words for the values that are no numbers are read too, so that the message can say so.
  private static func number(from text: String) -> Double? {
    switch text.lowercased() {
    case ".nan": .nan
    case ".inf", "+.inf": .infinity
    case "-.inf": -.infinity
    default: WrittenNumber.isUnusual(text) ? nil : Double(text)
    }
  }

  /// What to write instead of a number with a unit, of a percentage or of a comma; empty for other text.
  private func remark(onUnitOf text: String) -> String {
    if let plain = WrittenNumber.plain(text) { return ": write \(plain)" }
    guard let written = WrittenUnit(text) else { return "" }
    let fitting = written.values(in: unit).first { range.contains($0.value) }
    let stated = unit.isEmpty ? "" : ", in \(unit)"
    if let fitting { return ": units are not written; give \(fitting.digits)\(stated)" }
    return ": units are not written; give the number alone\(stated)"
  }

  /// What to tell someone who wrote `text` for the value, or nil when the value is plausible.
  private func objection(to value: Double, written text: String) -> String? {
    guard value.isFinite else { return "\(text) is not a finite number; expected \(span)" }
    if range.contains(value) { return nil }
    let stated = unit.isEmpty ? "\(text) is out of range" : "\(text) is \(text) \(unit)"
    let fitting = prefixes.first { range.contains(value * pow(10, Double($0))) }
    let hint = remark.isEmpty ? "" : "; \(remark)"
    if let fitting { return "\(stated); did you mean \(scaled(value, by: fitting))? (expected \(span)\(hint))" }
    return "\(stated); expected \(span)\(hint)"
  }

  private var span: String {
    "\(shortest(range.lowerBound)) to \(shortest(range.upperBound))" + (unit.isEmpty ? "" : " \(unit)")
  }

  private func scaled(_ value: Double, by exponent: Int) -> String {
    let digits = shortest(value)
    return digits.contains("e") ? shortest(value * pow(10, Double(exponent))) : "\(digits)e\(exponent)"
  }
}
