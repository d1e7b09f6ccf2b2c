import Foundation
import ReadableNumbers

/// A number with a unit behind it, as in `8um`, `20 mm` or `1 %`.
struct WrittenUnit {
  /// What a text may mean in an SI unit.
  struct Meaning {
    var value: Double
    /// The value as one would write it, with the digits of the text where they stay.
    var digits: String
  }

  /// A unit that may have a metric prefix, as people spell it, by the SI unit of its dimension.
  private static let bases: [(spellings: [String], unit: String)] = [
    (["m", "meter", "meters", "metre", "metres"], "metres"), (["rad", "radian", "radians"], "radians"),
    (["s", "sec", "second", "seconds"], "seconds"), (["hz", "hertz"], "hertz"),
    (["1/m", "/m"], "per metre"), (["e-", "e", "electron", "electrons"], "electrons"),
  ]
  private static let prefixes: [String: Int] = [
    "": 0, "f": -15, "p": -12, "n": -9, "u": -6, "\u{B5}": -6, "\u{3BC}": -6, "m": -3, "c": -2, "k": 3, "K": 3, "M": 6,
    "G": 9, "femto": -15, "pico": -12, "nano": -9, "micro": -6, "milli": -3, "centi": -2, "kilo": 3, "mega": 6,
    "giga": 9,
  ]
  /// Units whose factor is no power of ten, and those without a prefix.
  private static let others: [(spellings: [String], factor: Double, unit: String)] = [
    (["deg", "degs", "degree", "degrees", "\u{B0}"], .pi / 180, "radians"),
    (["arcmin", "'"], .pi / 10800, "radians"), (["arcsec", "\""], .pi / 648_000, "radians"),
    (["mdeg"], .pi / 180_000, "radians"), (["turn", "turns", "wave", "waves", "lambda"], 2 * .pi, "radians"),
    (["pi", "\u{3C0}"], .pi, "radians"),
    (["micron", "microns", "\u{B5}", "u"], 1e-6, "metres"), (["\u{C5}", "angstrom", "angstroms"], 1e-10, "metres"),
    (["in", "inch", "inches"], 0.0254, "metres"), (["mil", "mils"], 25.4e-6, "metres"),
    (["min", "mins", "minute", "minutes"], 60, "seconds"), (["h", "hr", "hour", "hours"], 3600, "seconds"),
    (["fps", "1/s", "/s"], 1, "hertz"), (["kfps"], 1e3, "hertz"),
    (["%", "percent"], 0.01, ""), (["x"], 1, ""),
  ]

  private let value: Double
  private let digits: String
  private let name: String

  /// Nil when the text is no number followed by a word.
  init?(_ text: String) {
    let lengths = (1...max(1, min(text.count, 32))).reversed()
    guard
      let length = lengths.first(where: { Double(text.prefix($0)) != nil && text.prefix($0).last?.isNumber == true }),
      let value = Double(text.prefix(length)), value.isFinite
    else { return nil }
    let name = text.dropFirst(length).drop { $0 == " " }
    guard !name.isEmpty, name.count <= 16 else { return nil }
    (self.value, digits, self.name) = (value, String(text.prefix(length)), String(name))
  }

  /// What the text may mean where a number of `unit` is expected, the likeliest first; empty when it is no such unit. The
  /// letter of a prefix is taken as written first: `m` and `M` are nine orders apart.
  func values(in unit: String) -> [Meaning] {
    var exponents: [Int] = []
    for spelling in Self.bases.filter({ $0.unit == unit }).flatMap(\.spellings)
    where name.lowercased().hasSuffix(spelling) {
      let prefix = String(name.dropLast(spelling.count))
      exponents += [prefix, prefix.lowercased(), prefix.uppercased()].compactMap { Self.prefixes[$0] }
    }
    let scaled = exponents.map { Meaning(value: value * pow(10, Double($0)), digits: Self.scaled(digits, value, $0)) }
    let converted = Self.others.filter { $0.unit == unit && $0.spellings.contains(name.lowercased()) }.map {
      Meaning(value: value * $0.factor, digits: $0.factor == 1 ? digits : shortest(value * $0.factor))
    }
    return scaled + converted
  }

  private static func scaled(_ digits: String, _ value: Double, _ exponent: Int) -> String {
    if exponent == 0 { return digits }
    return digits.lowercased().contains("e") ? shortest(value * pow(10, Double(exponent))) : "\(digits)e\(exponent)"
  }
}

/// Numbers that other programs read differently.
enum WrittenNumber {
  /// Whether a text is a number to Swift, and another or none to YAML: hexadecimal ones, and those with leading zeros, which
  /// older YAML takes as octal.
  static func isUnusual(_ text: String) -> Bool {
    let digits = text.drop { "+-".contains($0) }.lowercased()
    return digits.hasPrefix("0x") || digits.wholeMatch(of: /0[0-9]+/) != nil
  }

  /// The same number in plain digits; nil when nobody knows.
  static func plain(_ text: String) -> String? {
    let sign = text.hasPrefix("-") ? "-" : ""
    let digits = text.drop { "+-".contains($0) }
    if digits.wholeMatch(of: /0[0-9]+/) != nil {
      let stripped = digits.drop { $0 == "0" }
      return
        "\(sign)\(stripped.isEmpty ? "0" : String(stripped)) without leading zeros, which some programs read as octal"
    }
    if digits.wholeMatch(of: /[0-9]+,[0-9]+([eE][+-]?[0-9]+)?/) != nil {
      return "\(sign)\(digits.replacing(",", with: ".")), with a point"
    }
    if digits.wholeMatch(of: /[0-9]+(_[0-9]+)+/) != nil { return sign + digits.replacing("_", with: "") }
    return nil
  }
}
