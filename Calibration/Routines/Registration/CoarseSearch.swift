import Foundation

/// Which of all ways to look at the plane make frames of images look as predicted: mirrored or not, turned by any angle, larger or smaller.
/// Each is compared on a small canvas that holds the light, with every shift; angles of the light then make no difference.
struct CoarseSearch {
  /// Pixels along each side of the template, and those by which it is shifted at most, and step by step.
  private static let (side, reach, stride) = (40, 8, 2)
  /// The template's width in root mean square radii of the light: it holds a square of light and a margin of a quarter around.
  private static let width = 3.7
  /// Angles that are tried, and scales as parts of the one by which the light is as wide as predicted.
  private static let angles = 36
  private static let factors = [0.62, 0.7, 0.8, 0.9, 1, 1.12, 1.25, 1.42, 1.6]
  /// The part of the brightest light that counts as light.
  private static let lit = 0.2

  private let predicted: [Picture]
  private let target: (x: Double, y: Double, radius: Double)
  private let source: (x: Double, y: Double, radius: Double)
  /// Pixels of the sensor for each pixel of the canvas.
  private let step: Double
  /// The canvases of the frames, one value for each pixel.
  private let canvases: [Picture]

  /// One way to look.
  struct Candidate: Sendable {
    var map: SensorMap
    /// Mean correlation of frames and predictions.
    var correlation: Double
  }

  /// - Returns: nil when there is no light to be found in frames or predictions.
  init?(frames: [Picture], predicted: [Picture]) {
    func sum(_ pictures: [Picture]) -> Picture {
      var sum = pictures[0]
      for picture in pictures.dropFirst() {
        for index in sum.values.indices { sum.values[index] += picture.values[index] }
      }
      return sum
    }
    guard !frames.isEmpty, !predicted.isEmpty else { return nil }
    let (bright, expected) = (sum(frames).blurred(by: 1.5), sum(predicted).blurred(by: 1.5))
    guard let target = bright.spread(above: Self.lit), let source = expected.spread(above: Self.lit) else { return nil }
    (self.predicted, self.target, self.source) = (predicted, target, source)
    step = Self.width * target.radius / Double(Self.side)
    let size = Self.side + 2 * Self.reach
    canvases = frames.map { [step] frame in
      let blurred = frame.blurred(by: step / 2)
      let middle = Double(size - 1) / 2
      return Picture(
        width: size, height: size,
        values: (0..<size * size).map {
          blurred.look(
            target.x + (Double($0 % size) - middle) * step, target.y + (Double($0 / size) - middle) * step
          ).value
        })
    }
  }

  /// The best candidates that differ from each other, the best first.
  func candidates(_ count: Int) -> [Candidate] {
    let windows = self.windows()
    var all: [Candidate] = []
    for factor in Self.factors {
      let scale = source.radius / target.radius * factor
      let blurred = predicted.map { $0.blurred(by: scale * step / 2) }
      for isMirrored in [false, true] {
        for turn in 0..<Self.angles {
          let angle = 2 * .pi * Double(turn) / Double(Self.angles)
          let (c, s, sign) = (scale * cos(angle), scale * sin(angle), isMirrored ? -1.0 : 1)
          let map = SensorMap(xx: c * sign, xy: -s, yx: s * sign, yy: c, x: 0, y: 0)
          all.append(best(blurred, map, windows))
        }
      }
    }
    all.sort { $0.correlation > $1.correlation }
    var kept: [Candidate] = []
    for candidate in all where kept.count < count {
      if !kept.contains(where: { isNear($0.map, candidate.map) }) { kept.append(candidate) }
    }
    return kept
  }

  /// Whether two maps are one with a little more or less turn and size.
  private func isNear(_ first: SensorMap, _ second: SensorMap) -> Bool {
    func square(_ map: SensorMap) -> Double {
      map.xx * map.xx + map.xy * map.xy + map.yx * map.yx + map.yy * map.yy
    }
    let difference = SensorMap(
      xx: first.xx - second.xx, xy: first.xy - second.xy, yx: first.yx - second.yx, yy: first.yy - second.yy, x: 0, y: 0
    )
    return square(difference) < 0.1 * min(square(first), square(second))
  }

  // MARK: - Correlation

  /// What the correlation with a part of the canvases needs of them.
  private struct Window {
    var x: Int
    var y: Int
    /// Of each canvas there: its mean, and the root of the sum of squares around it.
    var means: [Double]
    var norms: [Double]
  }

  private func windows() -> [Window] {
    let shifts = Array(Swift.stride(from: 0, through: 2 * Self.reach, by: Self.stride))
    return shifts.flatMap { y in
      shifts.map { x in
        var window = Window(x: x, y: y, means: [], norms: [])
        for canvas in canvases {
          var (sum, square) = (0.0, 0.0)
          for row in y..<y + Self.side {
            for column in x..<x + Self.side {
              let value = canvas.values[row * canvas.width + column]
              sum += value
              square += value * value
            }
          }
          let count = Double(Self.side * Self.side)
          window.means.append(sum / count)
          window.norms.append(max(0, square - sum * sum / count).squareRoot())
        }
        return window
      }
    }
  }

  private func best(_ predicted: [Picture], _ map: SensorMap, _ windows: [Window]) -> Candidate {
    let templates = predicted.map { template($0, map) }
    var best = (correlation: -1.0, window: windows[windows.count / 2])
    for window in windows {
      var sum = 0.0
      for (index, template) in templates.enumerated() where window.norms[index] > 0 {
        sum += product(template, canvases[index], window) / window.norms[index]
      }
      if sum / Double(templates.count) > best.correlation { best = (sum / Double(templates.count), window) }
    }
    let shift = SIMD2(Double(best.window.x - Self.reach), Double(best.window.y - Self.reach)) * step
    let start = SIMD2(source.x, source.y) - map.turn(SIMD2(target.x, target.y) + shift)
    var found = map
    (found.x, found.y) = (start.x, start.y)
    return Candidate(map: found, correlation: best.correlation)
  }

  /// The prediction as the canvas would show it, of mean 0 and norm 1.
  private func template(_ picture: Picture, _ map: SensorMap) -> [Double] {
    let middle = Double(Self.side - 1) / 2
    var values = (0..<Self.side * Self.side).map { index in
      let at = map.turn(SIMD2(Double(index % Self.side) - middle, Double(index / Self.side) - middle) * step)
      return picture.look(source.x + at.x, source.y + at.y).value
    }
    let mean = values.reduce(0, +) / Double(values.count)
    for index in values.indices { values[index] -= mean }
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if norm > 0 { for index in values.indices { values[index] /= norm } }
    return values
  }

  private func product(_ template: [Double], _ canvas: Picture, _ window: Window) -> Double {
    template.withUnsafeBufferPointer { template in
      canvas.values.withUnsafeBufferPointer { canvas in
        let width = Self.side + 2 * Self.reach
        var sums = SIMD4<Double>.zero
        for row in 0..<Self.side {
          let (line, start) = (row * Self.side, (window.y + row) * width + window.x)
          for column in Swift.stride(from: 0, to: Self.side, by: 4) {
            let value = SIMD4(
              canvas[start + column], canvas[start + column + 1], canvas[start + column + 2], canvas[start + column + 3]
            )
            let weight = SIMD4(
              template[line + column], template[line + column + 1], template[line + column + 2],
              template[line + column + 3])
            sums += value * weight
          }
        }
        return sums.sum()
      }
    }
  }
}
