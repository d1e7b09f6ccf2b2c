import Arrays
import Foundation

extension SecondPlant {
  /// The light on the camera's pixels, from the spectrum of the field there.
  func look(at spectrum: Field) -> Stack<Double> {
    let picture = blurred(intensity(spectrum))
    let count = setup.pixels
    var frame = Stack<Double>(count: 1, height: count, width: count)
    // Points along each side of a pixel.
    let points = 4 * setup.block
    for row in 0..<count {
      for column in 0..<count {
        var sum = 0.0
        for y in 0..<points {
          for x in 0..<points {
            sum += seen(picture, place(column, x, of: points), place(row, y, of: points))
          }
        }
        frame[0, row, column] = sum / Double(points * points)
      }
    }
    return frame
  }

  /// Metres of a point in a pixel from the middle of the layer's pixel ⌊grid/2⌋.
  private func place(_ pixel: Int, _ point: Int, of points: Int) -> Double {
    let pixels = (Double(pixel) + (Double(point) + 0.5) / Double(points)) * Double(setup.block)
    return (pixels + Double(setup.first) - 0.5 - Double(setup.grid / 2)) * setup.pitch
  }

  /// The light at a point of the camera, which is shifted, turned, scaled and tilted.
  private func seen(_ picture: Picture, _ u: Double, _ v: Double) -> Double {
    let depth = 1 + truth.keystoneX * u + truth.keystoneY * v
    let (across, down) = (truth.scale * u / depth, truth.scale * v / depth)
    let x = truth.cameraX + cos(truth.rotation) * across - sin(truth.rotation) * down
    let y = truth.cameraY + sin(truth.rotation) * across + cos(truth.rotation) * down
    let start = plane.position(0)
    return picture.value((x - start) / picture.step, (y - start) / picture.step)
      / (depth * depth * depth)
  }

  /// The intensity at twice the samples of the field, since it varies twice as fast.
  private func intensity(_ spectrum: Field) -> Picture {
    let (side, fine) = (plane.side, 2 * plane.side)
    var field = Field(side: fine)
    for row in 0..<side {
      let y = (Fourier.frequency(row, side) + fine) % fine
      for column in 0..<side {
        let x = (Fourier.frequency(column, side) + fine) % fine
        field.re[y * fine + x] = spectrum.re[row * side + column]
        field.im[y * fine + x] = spectrum.im[row * side + column]
      }
    }
    Fourier(fine).inverse(&field)
    // As bright as it was, with a quarter of the spectrum's factor.
    let values = zip(field.re, field.im).map { 16 * ($0 * $0 + $1 * $1) }
    return Picture(side: fine, step: plane.step / 2, values: values)
  }

  private func blurred(_ picture: Picture) -> Picture {
    guard truth.pointSpread > 0 else { return picture }
    let width = truth.pointSpread / picture.step
    let reach = Int((5 * width).rounded(.up))
    let weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * width * width)) }
    let total = weights.reduce(0, +)
    var result = picture
    for stride in [1, picture.side] {
      let values = result.values
      for index in values.indices {
        let place = index / stride % picture.side
        let range = max(-reach, -place)...min(reach, picture.side - 1 - place)
        result.values[index] = range.reduce(0) { $0 + weights[$1 + reach] * values[index + $1 * stride] } / total
      }
    }
    return result
  }
}

/// Values on a square, which can be asked for between its samples.
struct Picture {
  let side: Int
  let step: Double
  var values: [Double]

  /// By cubic convolution (Keys, IEEE Trans. ASSP 29, 1153 (1981)); dark beyond the square.
  func value(_ x: Double, _ y: Double) -> Double {
    let (column, row) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    guard column >= 1, row >= 1, column + 2 < side, row + 2 < side else { return 0 }
    let (across, down) = (Self.weights(x - Double(column)), Self.weights(y - Double(row)))
    var sum = 0.0
    for j in 0..<4 {
      let start = (row + j - 1) * side + column - 1
      sum +=
        down[j]
        * (across[0] * values[start] + across[1] * values[start + 1] + across[2] * values[start + 2]
          + across[3] * values[start + 3])
    }
    return sum
  }

  private static func weights(_ t: Double) -> SIMD4<Double> {
    let (square, cube) = (t * t, t * t * t)
    return SIMD4(
      -0.5 * t + square - 0.5 * cube, 1 - 2.5 * square + 1.5 * cube, 0.5 * t + 2 * square - 1.5 * cube,
      -0.5 * square + 0.5 * cube)
  }
}
