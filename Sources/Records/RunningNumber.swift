/// The running number with which names of jobs and calibrations begin, such as `0017-train`. Lists are ordered by it, as
/// clocks jump.
public enum RunningNumber {
  /// The highest number. A name with a higher one was not made by odu, and nothing is counted from it.
  public static let highest = 999_999_999_999

  /// Nil when the name begins with none.
  public static func of(_ name: String) -> Int? {
    Int(name.prefix { $0.isASCII && $0.isNumber }).flatMap { (0...highest).contains($0) ? $0 : nil }
  }

  /// At least four digits.
  public static func text(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// The number after those of all names; above ``highest`` when there are none left.
  public static func next(after names: some Sequence<String>) -> Int { (names.compactMap(of).max() ?? 0) + 1 }
}
