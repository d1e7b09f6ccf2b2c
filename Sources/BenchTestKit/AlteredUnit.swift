import Arrays
import Measuring

/// A unit whose answers pass through a test's hands: noisy, blind, clipping, failing.
public struct AlteredUnit: OpticalUnit {
  /// Changes the intensities that belong to layers.
  public typealias Change = @Sendable (_ intensities: inout Stack<Float>, _ layers: Stack<Float>) throws -> Void

  private let unit: any OpticalUnit
  private let saturation: Float?
  private let change: Change

  /// - Parameter saturation: where its detector is said to clip; as the unit says when nil.
  public init(_ unit: any OpticalUnit, saturation: Float? = nil, change: @escaping Change) {
    self.unit = unit
    self.saturation = saturation
    self.change = change
  }

  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    var measured = try await unit.measure(layers: layers, inputs: inputs, block: block)
    if let saturation { measured.saturation = saturation }
    try change(&measured.intensities, layers)
    return measured
  }
}
