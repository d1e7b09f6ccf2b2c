import Numerics

/// A quantity of the optics that follows from parameters: its value, and its derivative by each active parameter.
///
/// The formulas of ``OpticalPath`` are written with these, so that the chain from a hop's distance or a ramp's slope back to
/// the parameters is never written by hand.
struct Dependent: Equatable, Sendable {
  var value: Double
  /// By index of the parameter; absent means zero.
  var slopes: [Int: Double]

  init(_ value: Double, slopes: [Int: Double] = [:]) {
    self.value = value
    self.slopes = slopes
  }

  static let zero = Dependent(0)

  /// Whether the quantity is there at all: not zero, or about to change.
  var isPresent: Bool { value != 0 || !slopes.isEmpty }

  private func mapped(_ value: Double, _ derivative: Double) -> Dependent {
    Dependent(value, slopes: slopes.mapValues { $0 * derivative })
  }

  static func + (a: Dependent, b: Dependent) -> Dependent {
    Dependent(a.value + b.value, slopes: a.slopes.merging(b.slopes, uniquingKeysWith: +))
  }
  static func - (a: Dependent, b: Dependent) -> Dependent { a + -1 * b }
  static prefix func - (a: Dependent) -> Dependent { -1 * a }
  static func * (factor: Double, a: Dependent) -> Dependent { a.mapped(factor * a.value, factor) }
  static func + (a: Dependent, number: Double) -> Dependent { Dependent(a.value + number, slopes: a.slopes) }
  static func += (a: inout Dependent, b: Dependent) { a = a + b }

  static func sin(_ a: Dependent) -> Dependent { a.mapped(Double.sin(a.value), Double.cos(a.value)) }
}

extension TwinParameters {
  /// A parameter as a quantity that depends on itself alone, or on nothing when it is not active.
  func dependent(_ name: String) -> Dependent {
    let index = index(of: name)
    return Dependent(all[index].value, slopes: all[index].isActive ? [index: 1] : [:])
  }
}
