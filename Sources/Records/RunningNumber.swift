/// The running number with which names of jobs and calibrations begin, such as `0017-train`. Lists are ordered by it, as
/// clocks jump.
enum RunningNumber {
  /// Zero when the name begins with none.
  static func of(_ name: String) -> Int { Int(name.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
}
