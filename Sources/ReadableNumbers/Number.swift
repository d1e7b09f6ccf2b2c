import Foundation

/// At most so many digits that matter, and no more zeros than it takes: `0.0123`, `1e-06`.
public func number(_ value: Double, significant digits: Int = 6) -> String { String(format: "%.*g", digits, value) }

/// So many digits after the point: `0.50`.
public func number(_ value: Double, decimals: Int) -> String { String(format: "%.*f", decimals, value) }

/// The shortest usual form of a number: `8`, `0.02`, `8e-06` as `8e-6`.
public func shortest(_ value: Double) -> String {
  let text = number(value)
  guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else { return text }
  return "\(text[..<mark])e\(exponent)"
}

/// The value rounded to so many digits after the point.
public func rounded(_ value: Double, decimals: Int) -> Double {
  let unit = (0..<decimals).reduce(1.0) { factor, _ in factor * 10 }
  return (value * unit).rounded() / unit
}

/// A part of one as a percentage with at most two digits after the point: `12.5 %`.
public func percent(_ part: Double) -> String { "\((part * 1e4).rounded() / 100) %" }

/// Two or three digits that matter, whatever the magnitude: `1200`, `1.3`, `0.25`, `2.5e-5`.
public func brief(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  guard (1e-3..<1e6).contains(value.magnitude) else { return briefExponential(value) }
  if value.magnitude >= 100 { return "\(Int(value.rounded()))" }
  return "\(rounded(value, decimals: value.magnitude >= 1 ? 1 : value.magnitude >= 0.1 ? 2 : 4))"
}

private func briefExponential(_ value: Double) -> String {
  var (mantissa, exponent) = (value, 0)
  while mantissa.magnitude < 1 {
    mantissa *= 10
    exponent -= 1
  }
  // What rounds to ten is one of the next power.
  while mantissa.magnitude >= 9.95 {
    mantissa /= 10
    exponent += 1
  }
  return "\(rounded(mantissa, decimals: 1))e\(exponent)"
}
