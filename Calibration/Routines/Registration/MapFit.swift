import Fitting
import Foundation

/// Moves a map until frames of images look as predicted: six unknowns, each in steps that move the picture's edge by about a sample.
struct MapFit: LeastSquaresProblem {
  private let frames: [Picture]
  private let predicted: [Picture]
  /// Pixels of the sensor along each side of one of the frames' here.
  private let binning: Int
  /// The map around which the unknowns are, the pixel in the middle of the light, and half the light's width in pixels.
  private let start: SensorMap
  private let middle: SIMD2<Double>
  private let half: Double
  /// The pixels of the frames here that may see the light.
  private let pixels: [Int]

  /// How far from the middle of the light pixels take part, in halves of its width.
  private static let reach = 2.0

  /// - Parameter blur: standard deviation in samples of the plane with which both are blurred.
  private init(frames: [Picture], predicted: [Picture], around start: SensorMap, blur: Double) {
    let binning = max(1, Int((1 / start.scale).rounded()))
    let scale = start.scale * Double(binning)
    // The mean over a pixel that is wider than a sample blurs the prediction as well.
    let footprint = max(0, (scale * scale - 1) / 12)
    self.predicted = predicted.map { $0.blurred(by: (blur * blur + footprint).squareRoot()) }
    self.frames = frames.map { $0.binned(by: binning).blurred(by: blur / scale) }
    (self.binning, self.start) = (binning, start)
    let spread = predicted.first?.spread(above: 0.2) ?? (0, 0, 1)
    middle = start.pixel(seeing: SIMD2(spread.x, spread.y))
    half = max(1, 1.2 * spread.radius / start.scale)
    let width = self.frames.first?.width ?? 1
    pixels = (self.frames.first?.values.indices ?? 0..<0).filter { [middle, half] index in
      let offset = (Self.pixel(index, width: width, binning: binning) - middle) / half
      return max(abs(offset.x), abs(offset.y)) <= Self.reach
    }
  }

  /// The middle of a pixel of the frames here, in pixels of the sensor.
  @inline(__always)
  private static func pixel(_ index: Int, width: Int, binning: Int) -> SIMD2<Double> {
    let first = Double(binning - 1) / 2
    return SIMD2(Double(index % width * binning) + first, Double(index / width * binning) + first)
  }

  /// A map at its best, and the part of the frames that it leaves unexplained: 1 − r², with r their correlation with the predictions.
  struct Result: Sendable {
    var map: SensorMap
    var unexplained: Double
  }

  /// The blurs of a search, from far away to near, and the last ones alone.
  static let (coarse, fine) = ([3.0], [1.5, 0.7])

  static func refined(
    _ map: SensorMap, frames: [Picture], predicted: [Picture], blurs: [Double]
  ) throws -> Result {
    var result = Result(map: map, unexplained: 1)
    for blur in blurs {
      let problem = MapFit(frames: frames, predicted: predicted, around: result.map, blur: blur)
      var search = LevenbergMarquardt()
      (search.maximumIterations, search.tolerance, search.longestStep) = (15, 1e-5, 4)
      let bounds = [ClosedRange<Double>](repeating: -1e6...1e6, count: 6)
      let found = try search.minimise(problem, from: [Double](repeating: 0, count: 6), bounds: bounds)
      result = Result(map: problem.map(found.values), unexplained: 2 * found.cost / Double(max(1, frames.count)))
    }
    return result
  }

  private func map(_ values: [Double]) -> SensorMap {
    var map = start
    map.xx += values[2] / half
    map.xy += values[3] / half
    map.yx += values[4] / half
    map.yy += values[5] / half
    let place = start(middle) + SIMD2(values[0], values[1]) - map.turn(middle)
    (map.x, map.y) = (place.x, place.y)
    return map
  }

  // MARK: - Least squares

  func cost(at values: [Double]) throws -> Double { sums(values, derivatives: false).cost }

  func normalEquations(at values: [Double]) throws -> NormalEquations { sums(values, derivatives: true) }

  private func sums(_ values: [Double], derivatives: Bool) -> NormalEquations {
    let map = map(values)
    var sum = NormalEquations(unknowns: 6)
    guard map.scale > 0.2 * start.scale, map.scale < 5 * start.scale else {
      sum.cost = .infinity
      return sum
    }
    for (frame, picture) in zip(frames, predicted) {
      var (model, columns) = computed(frame, picture, map, derivatives: derivatives)
      // The frame's own brightness and dark level are the best ones.
      let target = Self.centred(pixels.map { frame.values[$0] })
      model = Self.centred(model)
      let (norm, power) = (NormalEquations.product(target, target), NormalEquations.product(model, model))
      guard norm > 0, power > 0 else {
        sum.cost += 0.5
        continue
      }
      let gain = NormalEquations.product(model, target) / power
      let unit = 1 / norm.squareRoot()
      let residuals = zip(model, target).map { (gain * $0 - $1) * unit }
      guard derivatives else {
        sum.cost += NormalEquations.product(residuals, residuals) / 2
        continue
      }
      for index in columns.indices {
        let column = Self.centred(columns[index])
        let share = NormalEquations.product(column, model) / power
        columns[index] = zip(column, model).map { gain * ($0 - share * $1) * unit }
      }
      sum.add(residuals: residuals, columns: columns)
    }
    return sum
  }

  private static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    return values.map { $0 - mean }
  }

  private func computed(
    _ frame: Picture, _ picture: Picture, _ map: SensorMap, derivatives: Bool
  ) -> (model: [Double], columns: [[Double]]) {
    let count = pixels.count
    var model = [Double](repeating: 0, count: count)
    var columns = [[Double]](
      repeating: [Double](repeating: 0, count: derivatives ? count : 0), count: derivatives ? 6 : 0)
    for (index, place) in pixels.enumerated() {
      let pixel = Self.pixel(place, width: frame.width, binning: binning)
      let at = map(pixel)
      let seen = picture.look(at.x, at.y)
      model[index] = seen.value
      guard derivatives else { continue }
      let u = (pixel - middle) / half
      columns[0][index] = seen.slopeX
      columns[1][index] = seen.slopeY
      columns[2][index] = seen.slopeX * u.x
      columns[3][index] = seen.slopeX * u.y
      columns[4][index] = seen.slopeY * u.x
      columns[5][index] = seen.slopeY * u.y
    }
    return (model, columns)
  }
}
