import Foundation

// Numbers as print has them, with a true minus sign.

/// A number with at most `digits` significant digits, as readers of a table expect it: `1.5·10⁻⁶`.
public func compact(_ value: Double, digits: Int = 4) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
  let text = number(value, significant: digits)
  guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
    return typographic(text)
  }
  let superscripts: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
  ]
  return typographic("\(text[..<mark])·10") + String(String(exponent).compactMap { superscripts[$0] })
}

/// A number with a fixed number of decimals.
public func fixed(_ value: Double, decimals: Int) -> String {
  guard value.isFinite else { return compact(value) }
  return typographic(number(value, decimals: decimals))
}

private func typographic(_ number: String) -> String { number.replacingOccurrences(of: "-", with: "−") }
