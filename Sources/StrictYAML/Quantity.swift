import Foundation
import ReadableNumbers

/// A physical quantity: its unit and the values that it can have. A value outside is a mistake, most often of unit, so the
/// message proposes the same digits with the metric prefix that fits.
public struct Quantity: Sendable {
  /// The SI unit in words, as messages say it; empty for a pure number.
  public let unit: String
  public let range: ClosedRange<Double>
  /// Exponents of the prefixes people write such a quantity in, the likeliest first.
  public let prefixes: [Int]
  /// What the writer of a value outside may have meant; empty when that is not known.
  public let remark: String

  public init(_ range: ClosedRange<Double>, unit: String = "", prefixes: [Int] = [], remark: String = "") {
    self.range = range
    self.unit = unit
    self.prefixes = prefixes
    self.remark = remark
  }

  /// The unit as tables write it; nil for a pure number.
  public var symbol: String? { unit.isEmpty ? nil : Self.symbols[unit] ?? unit }

  private static let symbols = [
    "metres": "m", "radians": "rad", "seconds": "s", "hertz": "Hz", "per metre": "1/m",
  ]

  /// Why a text is not such a quantity.
  public struct Objection: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// A part of a whole.
  public static let fraction = Quantity(0...1)

  /// The value that a text states.
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
