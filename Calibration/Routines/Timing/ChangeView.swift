import Devices

/// How far a change has come in a frame: the frame as a sum of what the camera sees before and after. Its brightness is a second
/// unknown, so that a source that fluctuates does no harm. Bands of rows answer by themselves, since a shutter may roll.
struct ChangeView: Sendable {
  private struct Band {
    var rows: Range<Int>
    /// The middle of what changes in it.
    var row: Double
  }

  /// What a band of a frame says.
  struct Reading: Sendable {
    var row: Double
    var progress: Double
    var deviation: Double
    /// As part of the brightness at rest before the change.
    var brightness: Double
  }

  private let dark: [Double]
  private let before: [Double]
  /// What the change adds.
  private let added: [Double]
  private let width: Int
  private let fullScale: Double
  private let bands: [Band]
  /// Variance of a pixel in the dark, and for each unit of signal.
  private let noise: (read: Double, gain: Double)

  /// Bands, and what must differ for a change to count: as part of the light, and in standard deviations.
  private static let (count, contrast, significance) = (4, 0.02, 8.0)
  /// Pixels above this part of full scale say nothing.
  private static let clear = 0.97

  /// - Returns: nil when nothing changes, but for noise and brightness.
  init?(dark frames: [Frame], before low: [Frame], after high: [Frame], camera: CameraDescription) {
    let black = PixelStatistics(frames)
    let (first, last) = (PixelStatistics(low, above: black.mean), PixelStatistics(high, above: black.mean))
    (width, fullScale, dark) = (camera.width, Double(camera.fullScale), black.mean)
    before = zip(first.mean, black.mean).map { $0 - $1 }
    added = zip(last.mean, first.mean).map { $0 - $1 }
    let read = max(1.0 / 12, black.variance.reduce(0, +) / Double(max(1, black.variance.count)))
    let signal = 2 * before.reduce(0, +) + added.reduce(0, +)
    let variance = (first.variance + last.variance).reduce(0) { $0 + $1 - read }
    noise = (read, signal > 0 ? max(0, variance / signal) : 0)
    // What differs in shape; a brighter source is no change.
    let power = before.reduce(0) { $0 + $1 * $1 }
    let joint = zip(before, added).reduce(0) { $0 + $1.0 * $1.1 }
    let shape = zip(before, added).map { $1 - (power > 0 ? joint / power * $0 : 0) }
    let energy = shape.reduce(0) { $0 + $1 * $1 }
    let parts = 1 / Double(max(1, low.count)) + 1 / Double(max(1, high.count))
    let chance = parts * (noise.read * Double(shape.count) + noise.gain * max(0, signal) / 2)
    guard energy > Self.contrast * Self.contrast * power,
      energy > chance * (1 + Self.significance / Double(max(1, shape.count)).squareRoot())
    else { return nil }
    bands = Self.bands(shape.map { $0 * $0 }, width: camera.width)
  }

  /// The last row of what changes, about.
  var lastRow: Double { bands.last?.row ?? 0 }

  /// Bands in which as much changes in each.
  private static func bands(_ energy: [Double], width: Int) -> [Band] {
    let rows = (0..<energy.count / max(1, width)).map { row in
      energy[row * width..<(row + 1) * width].reduce(0, +)
    }
    let whole = rows.reduce(0, +)
    var (bands, first, sum, moment, done) = ([Band](), 0, 0.0, 0.0, 0.0)
    for (row, part) in rows.enumerated() {
      sum += part
      moment += part * Double(row)
      guard done + sum >= whole * Double(bands.count + 1) / Double(count) || row == rows.count - 1, sum > 0,
        bands.count < count
      else { continue }
      bands.append(Band(rows: first..<row + 1, row: moment / sum))
      (first, done, sum, moment) = (row + 1, done + sum, 0, 0)
    }
    return bands
  }

  func readings(of frame: Frame) -> [Reading] { bands.compactMap { reading($0, of: frame) } }

  /// Least squares of two unknowns, and what the noise of pixels makes of them.
  private func reading(_ band: Band, of frame: Frame) -> Reading? {
    var (bb, bc, cc, yb, yc) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var (vbb, vbc, vcc) = (0.0, 0.0, 0.0)
    for pixel in band.rows.lowerBound * width..<band.rows.upperBound * width {
      let (value, b, c) = (Double(frame.pixels[pixel]), before[pixel], added[pixel])
      guard value < Self.clear * fullScale, max(b, b + c) + dark[pixel] < Self.clear * fullScale else { continue }
      let signal = value - dark[pixel]
      let variance = noise.read + noise.gain * max(0, signal)
      bb += b * b
      bc += b * c
      cc += c * c
      yb += signal * b
      yc += signal * c
      vbb += variance * b * b
      vbc += variance * b * c
      vcc += variance * c * c
    }
    let determinant = bb * cc - bc * bc
    guard determinant > 1e-9 * bb * cc else { return nil }
    let (brightness, change) = ((cc * yb - bc * yc) / determinant, (bb * yc - bc * yb) / determinant)
    guard brightness > 0 else { return nil }
    let progress = change / brightness
    // The weights of the frame's pixels in progress, to first order: (c-part − progress·b-part) / brightness.
    let (wb, wc) = ((-bc - progress * cc) / determinant, (bb + progress * bc) / determinant)
    let variance = wb * wb * vbb + 2 * wb * wc * vbc + wc * wc * vcc
    return Reading(
      row: band.row, progress: progress, deviation: max(0, variance).squareRoot() / brightness,
      brightness: brightness)
  }
}
