/// The samples of the plant: a square canvas of `canvas` layer samples with `sampling` of its own along each side of one,
/// and the layer's patch in its middle.
public struct PlantGrid: Sendable, Equatable {
  /// Samples along each side of a layer.
  public let grid: Int
  /// Layer samples along each side of the canvas.
  public let canvas: Int
  /// Plant samples along each side of a layer sample.
  public let sampling: Int
  /// Distance between two layer samples in metres.
  public let pitch: Double

  package init(grid: Int, canvas: Int, sampling: Int, pitch: Double) {
    self.grid = grid
    self.canvas = canvas
    self.sampling = sampling
    self.pitch = pitch
  }

  /// Plant samples along each side of the canvas.
  public var side: Int { canvas * sampling }
  /// Plant samples along each side of the patch.
  public var patchSide: Int { grid * sampling }
  /// The layer sample of the canvas at which the patch begins.
  public var margin: Int { (canvas - grid) / 2 }
  /// The plant samples of the patch, in rows and in columns.
  public var patch: Range<Int> { margin * sampling..<(margin + grid) * sampling }
  /// Distance between two plant samples in metres.
  public var step: Double { pitch / Double(sampling) }

  /// The position of plant sample `index` of the canvas in metres. Layer sample i is centred at (i − grid/2)·pitch, and
  /// the plant's samples divide the interval around its centre evenly.
  public func position(_ index: Int) -> Double {
    let sample = Double(index / sampling - margin - grid / 2)
    let fraction = (Double(index % sampling) + 0.5) / Double(sampling) - 0.5
    return (sample + fraction) * pitch
  }

  /// How a layer that lies beside its place is met: the light is moved the other way, exactly, as far as the dark margin of
  /// the canvas allows; beyond it by a part of a sample, and the samples look at other pixels for the rest.
  func split(_ shift: SIMD2<Double>) -> (light: SIMD2<Double>, view: SIMD2<Double>) {
    let room = Double(margin) * pitch
    func view(_ shift: Double) -> Double { abs(shift) <= room ? 0 : (shift / step).rounded() * step }
    let seen = SIMD2(view(shift.x), view(shift.y))
    return (shift - seen, seen)
  }

  /// The angular spatial frequency of spectrum sample `index` in radians per metre.
  func angularFrequency(_ index: Int) -> Double {
    let signed = index < (side + 1) / 2 ? index : index - side
    return 2 * .pi * Double(signed) / (Double(side) * step)
  }
}
