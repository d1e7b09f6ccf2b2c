import ReadableNumbers
import Testing

@Suite("readable numbers")
struct ReadableNumbersTests {
  @Test("a brief number is short whatever its magnitude")
  func shortNumbers() {
    let expected: [(Double, String)] = [
      (0, "0.0"), (1, "1.0"), (-2.34, "-2.3"), (0.123, "0.12"), (0.0123, "0.0123"), (123.4, "123"), (-123.4, "-123"),
      (999_999, "999999"), (999_999.9, "1000000"), (1e6, "1.0e6"), (9.96e5 * 10, "1.0e7"), (1e300, "1.0e300"),
      (-2.5e17, "-2.5e17"), (1.5e-4, "1.5e-4"), (.infinity, "inf"), (.nan, "nan"),
    ]
    for (value, text) in expected { #expect(brief(value) == text) }
    #expect(brief(.greatestFiniteMagnitude) == "1.8e308")
    #expect(brief(.leastNonzeroMagnitude).hasSuffix("e-324"))
  }

  @Test("numbers have the digits that are asked for and no others")
  func digits() {
    #expect(
      number(0.0123456789) == "0.0123457" && number(8e-6) == "8e-06" && number(1_234_567, significant: 2) == "1.2e+06")
    #expect(number(0.5, decimals: 2) == "0.50" && shortest(8e-6) == "8e-6" && shortest(20) == "20")
    #expect(rounded(0.123456, decimals: 3) == 0.123 && percent(0.1234) == "12.34 %" && percent(1) == "100.0 %")
  }

  @Test("numbers in print have powers of ten and a minus sign")
  func typography() {
    #expect(compact(-1.5e-6) == "−1.5·10⁻⁶" && compact(.nan) == "–" && compact(-.infinity) == "−∞")
    #expect(fixed(-0.25, decimals: 1) == "−0.2" && fixed(.infinity, decimals: 1) == "∞")
  }

  @Test("durations and sizes are in the units that people use")
  func quantities() {
    #expect([4, 125, 4200, 273_600].map(duration) == ["4 s", "2 min 05 s", "1 h 10 min", "3 d 4 h"])
    #expect([512, 4_800_000, 999_500, 250_000_000].map(size) == ["512 B", "4.8 MB", "1.0 MB", "250 MB"])
  }
}
