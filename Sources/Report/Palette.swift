import Foundation

/// The colours of values.
public enum Palette: String, Sendable, Codable {
  /// From black to white.
  case grey
  /// Blue below the middle, white there, red above it.
  case signed
  /// A circle of colours, for values that come round, like phases.
  case cyclic

  /// Red, green and blue of a value between the ends, 0…1.
  func color(_ part: Double) -> [UInt8] {
    let part = part.isFinite ? max(0, min(1, part)) : 0
    let color: [Double] =
      switch self {
      case .grey: [part, part, part]
      case .signed:
        part < 0.5
          ? Self.between([0.03, 0.27, 0.58], [0.97, 0.97, 0.97], 2 * part)
          : Self.between([0.97, 0.97, 0.97], [0.70, 0.09, 0.17], 2 * part - 1)
      case .cyclic: (0..<3).map { 0.5 + 0.45 * cos(2 * .pi * (part - Double($0) / 3)) }
      }
    return color.map { UInt8((255 * $0).rounded()) }
  }

  private static func between(_ first: [Double], _ last: [Double], _ part: Double) -> [Double] {
    zip(first, last).map { $0 + ($1 - $0) * part }
  }
}
