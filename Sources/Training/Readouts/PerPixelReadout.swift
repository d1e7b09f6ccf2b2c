/// A readout with a trained gain and bias for each pixel of the detector.
public protocol PerPixelReadout: Readout {
  /// Per-pixel gain G.
  var gain: [Float] { get set }
  /// Per-pixel bias B.
  var bias: [Float] { get set }
}

extension PerPixelReadout {
  public var parameters: [Float] {
    get { gain + bias }
    set {
      guard newValue.count == 2 * gain.count else { return }
      bias = Array(newValue[gain.count...])
      gain = Array(newValue[..<gain.count])
    }
  }

  public func outputShape(height: Int, width: Int) -> (height: Int, width: Int)? {
    height * width == gain.count ? (height, width) : nil
  }
}
