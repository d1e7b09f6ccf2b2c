import Arrays
import Optics

/// The weights with which each detector sample of a registered detector sees the output plane.
///
/// A detector sample counts the energy on its own footprint: the mean over its computed samples of the interpolated
/// intensity times the area that such a sample covers on the plane. A registration therefore moves energy about and
/// loses none; magnification alone changes the brightness by its square.
///
/// Interpolation and pooling are added up here once into one small rectangle of weights for each sample, at most about
/// (1 + 4/block)² planes of memory together.
struct Footprints<Scalar: OpticsScalar>: Sendable {
  private struct Footprint: Sendable {
    /// The first sample of the rectangle in the plane.
    var first = 0
    /// Where the rectangle's weights start.
    var start = 0
    var width = 0
    var height = 0
  }

  private let footprints: [Footprint]
  private let weights: AlignedBuffer<Scalar>
  private let side: Int

  /// - Throws: ``TwinError/registration(_:)`` when most samples see nothing of the plane.
  init(_ registration: Registration, grid: DetectorGrid) throws(TwinError) {
    try Self.validate(registration, grid)
    var footprints: [Footprint] = []
    footprints.reserveCapacity(grid.count)
    var total = 0
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        var footprint = Self.rectangle(registration, grid, row: row, column: column)
        footprint.start = total
        total += footprint.width * footprint.height
        footprints.append(footprint)
      }
    }
    self.footprints = footprints
    side = grid.side
    weights = AlignedBuffer(count: total)
    let sums = AlignedBuffer<Double>(count: footprints.map { $0.width * $0.height }.max() ?? 0)
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        let footprint = footprints[row * grid.width + column]
        Self.fill(
          weights.pointer + footprint.start, sums: sums.pointer, footprint, registration, grid, row: row,
          column: column)
      }
    }
  }

  private static func validate(_ registration: Registration, _ grid: DetectorGrid) throws(TwinError) {
    for y in [grid.y, grid.y + grid.height * grid.block - 1] {
      for x in [grid.x, grid.x + grid.width * grid.block - 1] {
        let inverseDepth = registration.map(grid.position(x), grid.position(y)).inverseDepth
        guard inverseDepth > 0, inverseDepth.isFinite else {
          throw .registration("the keystone turns a part of the detector behind the plane; make it smaller")
        }
      }
    }
    let middle = Double(grid.block - 1) / 2
    let bounds = -0.5...Double(grid.side) - 0.5
    var outside = 0
    for row in 0..<grid.height {
      let v = (Double(grid.y + row * grid.block) + middle - grid.center) * grid.step
      for column in 0..<grid.width {
        let u = (Double(grid.x + column * grid.block) + middle - grid.center) * grid.step
        let point = registration.map(u, v)
        let seen = (point.x / grid.step + grid.center, point.y / grid.step + grid.center)
        if !bounds.contains(seen.0) || !bounds.contains(seen.1) { outside += 1 }
      }
    }
    guard 2 * outside <= grid.count else {
      throw .registration(
        "\(outside) of \(grid.count) detector samples lie outside the computed plane; correct the detector's shift, "
          + "scale and angles")
    }
  }

  /// The part of the plane that the taps of one detector sample reach, widened to whole vectors where there is room.
  private static func rectangle(
    _ registration: Registration, _ grid: DetectorGrid, row: Int, column: Int
  ) -> Footprint {
    var (left, right, top, bottom) = (Double.infinity, -Double.infinity, Double.infinity, -Double.infinity)
    let points = registration.points
    func ends(_ first: Int) -> [Double] {
      [0, grid.block * points - 1].map { grid.position(ofPoint: $0, from: first, points: points) }
    }
    // A homography maps the convex block into the convex hull of its corners.
    for v in ends(grid.y + row * grid.block) {
      for u in ends(grid.x + column * grid.block) {
        let point = registration.map(u, v)
        left = min(left, point.x)
        right = max(right, point.x)
        top = min(top, point.y)
        bottom = max(bottom, point.y)
      }
    }
    let x = samples(from: left, to: right, grid)
    let y = samples(from: top, to: bottom, grid)
    guard !x.isEmpty, !y.isEmpty else { return Footprint() }
    let width = min(grid.side, (x.count + 3) / 4 * 4)
    let first = min(x.lowerBound, grid.side - width)
    return Footprint(first: y.lowerBound * grid.side + first, width: width, height: y.count)
  }

  /// The samples that the taps of positions between two points, in metres, reach; a little slack absorbs rounding.
  private static func samples(from low: Double, to high: Double, _ grid: DetectorGrid) -> Range<Int> {
    let side = Double(grid.side)
    let first = (low / grid.step + grid.center - 1e-6).rounded(.down) - 1
    let last = (high / grid.step + grid.center + 1e-6).rounded(.down) + 2
    guard last >= 0, first < side else { return 0..<0 }
    return Int(max(first, 0))..<Int(min(last, side - 1)) + 1
  }

  /// Adds up the weights of one detector sample in double precision in `sums` and stores them in `weights`.
  private static func fill(
    _ weights: UnsafeMutablePointer<Scalar>, sums: UnsafeMutablePointer<Double>, _ footprint: Footprint,
    _ registration: Registration, _ grid: DetectorGrid, row: Int, column: Int
  ) {
    let count = footprint.width * footprint.height
    guard count > 0 else { return }
    sums.update(repeating: 0, count: count)
    let origin = sums - footprint.first / grid.side * footprint.width - footprint.first % grid.side
    let points = registration.points
    let side = grid.block * points
    let share = 1 / Double(side * side)
    let perMetre = 1 / grid.step
    for line in 0..<side {
      let v = grid.position(ofPoint: line, from: grid.y + row * grid.block, points: points)
      for sample in 0..<side {
        let u = grid.position(ofPoint: sample, from: grid.x + column * grid.block, points: points)
        let point = registration.map(u, v)
        guard let x = CubicTaps(at: point.x * perMetre + grid.center, side: grid.side),
          let y = CubicTaps(at: point.y * perMetre + grid.center, side: grid.side)
        else { continue }
        add(x, y, weight: point.area * share, to: origin, stride: footprint.width, side: grid.side)
      }
    }
    for index in 0..<count { weights[index] = Scalar(sums[index]) }
  }

  /// Adds the weights of one point; `origin` is where the plane's first sample would have its sum.
  @inline(__always)
  private static func add(
    _ x: CubicTaps, _ y: CubicTaps, weight: Double, to origin: UnsafeMutablePointer<Double>, stride: Int, side: Int
  ) {
    let weights = x.weights * weight
    if x.isInside(side), y.isInside(side) {
      var line = UnsafeMutableRawPointer(origin + y.first * stride + x.first)
      for tap in 0..<4 {
        let sum = line.loadUnaligned(as: SIMD4<Double>.self) + weights * y.weights[tap]
        line.storeBytes(of: sum, as: SIMD4<Double>.self)
        line += stride * MemoryLayout<Double>.stride
      }
      return
    }
    for tapY in 0..<4 where y.first + tapY >= 0 && y.first + tapY < side {
      let line = origin + (y.first + tapY) * stride
      for tapX in 0..<4 where x.first + tapX >= 0 && x.first + tapX < side {
        line[x.first + tapX] += weights[tapX] * y.weights[tapY]
      }
    }
  }

  /// What each detector sample sees of a plane.
  func gather(_ plane: UnsafePointer<Scalar>, into samples: UnsafeMutablePointer<Scalar>) {
    footprints.withUnsafeBufferPointer { footprints in
      for index in 0..<footprints.count {
        let footprint = footprints[index]
        var line = plane + footprint.first
        var weight = UnsafePointer(weights.pointer) + footprint.start
        var sums: (Scalar, Scalar, Scalar, Scalar) = (0, 0, 0, 0)
        for _ in 0..<footprint.height {
          var x = 0
          while x + 3 < footprint.width {
            sums.0 += weight[x] * line[x]
            sums.1 += weight[x + 1] * line[x + 1]
            sums.2 += weight[x + 2] * line[x + 2]
            sums.3 += weight[x + 3] * line[x + 3]
            x += 4
          }
          while x < footprint.width {
            sums.0 += weight[x] * line[x]
            x += 1
          }
          line += side
          weight += footprint.width
        }
        samples[index] = (sums.0 + sums.1) + (sums.2 + sums.3)
      }
    }
  }

  /// The transpose of ``gather(_:into:)``; overwrites `plane`.
  func scatter(_ samples: UnsafePointer<Scalar>, into plane: UnsafeMutablePointer<Scalar>) {
    plane.update(repeating: 0, count: side * side)
    footprints.withUnsafeBufferPointer { footprints in
      for index in 0..<footprints.count {
        let footprint = footprints[index]
        let sample = samples[index]
        var line = plane + footprint.first
        var weight = UnsafePointer(weights.pointer) + footprint.start
        for _ in 0..<footprint.height {
          for x in 0..<footprint.width { line[x] += sample * weight[x] }
          line += side
          weight += footprint.width
        }
      }
    }
  }
}
