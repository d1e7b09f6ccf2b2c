import Arrays
import Numerics
import Optics
import Testing
import Twin

@Suite struct DetectorRegistrationTests {
  let random = CounterRandom(seed: 12)

  /// First moments of detector samples in metres from the plane's origin, second moments about them, and their sum.
  private struct Spot {
    var x = 0.0
    var y = 0.0
    var xx = 0.0
    var xy = 0.0
    var yy = 0.0
    var energy = 0.0

    init(_ samples: [Double], _ bench: DetectorBench<Double>) {
      let width = Int(Double(samples.count).squareRoot())
      let block = Double(bench.side / width)
      func position(_ index: Int) -> Double { (Double(index) * block + (block - 1) / 2 - bench.origin) * bench.step }
      for (index, value) in samples.enumerated() {
        energy += value
        x += value * position(index % width)
        y += value * position(index / width)
      }
      x /= energy
      y /= energy
      for (index, value) in samples.enumerated() {
        let (u, v) = (position(index % width) - x, position(index / width) - y)
        xx += value * u * u / energy
        xy += value * u * v / energy
        yy += value * v * v / energy
      }
    }
  }

  private func gaussian(_ bench: DetectorBench<Double>, x: Double, y: Double, radiusX: Double, radiusY: Double)
    -> [Double]
  {
    bench.plane { u, v in
      Double.exp(-(u - x) * (u - x) / (2 * radiusX * radiusX) - (v - y) * (v - y) / (2 * radiusY * radiusY))
    }
  }

  @Test("a shift by whole samples is the block mean of the shifted plane", arguments: [1, 2])
  func wholeShift(sampling: Int) throws {
    var bench = DetectorBench<Double>(grid: 24, sampling: sampling)
    bench.description.block = 3
    let side = bench.side
    let plane = (0..<side * side).map { random.uniform(at: UInt64($0)) }
    let shifted = (0..<side * side).map { index in
      let (x, y) = (index % side + 2, index / side - 3)
      return x < side && y >= 0 ? plane[y * side + x] : 0
    }
    let expected = try bench.detect(shifted)
    bench.variables.shiftX = 2 * bench.step
    bench.variables.shiftY = -3 * bench.step
    #expect(largestDifference(try bench.detect(plane), expected) < 1e-12)
  }

  @Test("a registration that hardly differs from the identity hardly differs from the block mean")
  func continuity() throws {
    var bench = DetectorBench<Double>(grid: 30, sampling: 1)
    bench.description = DetectorDescription(block: 2, region: Region(x: 4, y: 2, width: 22, height: 26))
    let plane = (0..<900).map { random.uniform(at: UInt64($0)) }
    let expected = try bench.detect(plane)
    bench.variables.rotation = 1e-12
    #expect(largestDifference(try bench.detect(plane), expected) < 1e-9)
  }

  @Test("a spot appears where the inverse map puts it, turned and magnified, with all its energy")
  func affineSpot() throws {
    var bench = DetectorBench<Double>(grid: 80, sampling: 1)
    let (rotation, scale) = (0.3, 1.1)
    bench.variables.shiftX = 30e-6
    bench.variables.shiftY = -22e-6
    bench.variables.rotation = rotation
    bench.variables.scale = scale
    let (radiusX, radiusY) = (50e-6, 35e-6)
    let plane = gaussian(bench, x: 60e-6, y: 40e-6, radiusX: radiusX, radiusY: radiusY)
    let spot = Spot(try bench.detect(plane), bench)
    let (dx, dy) = (60e-6 - 30e-6, 40e-6 + 22e-6)
    let (c, s) = (Double.cos(rotation), Double.sin(rotation))
    #expect(abs(spot.x - (c * dx + s * dy) / scale) < 1e-9)
    #expect(abs(spot.y - (c * dy - s * dx) / scale) < 1e-9)
    let (a, b) = (radiusX * radiusX / (scale * scale), radiusY * radiusY / (scale * scale))
    // Keys' kernel has no second moment, so that interpolation neither widens nor narrows the spot.
    #expect(abs(spot.xx / (c * c * a + s * s * b) - 1) < 1e-4)
    #expect(abs(spot.yy / (s * s * a + c * c * b) - 1) < 1e-4)
    #expect(abs(spot.xy / (c * s * (b - a)) - 1) < 1e-3)
    let energy: Double = plane.reduce(0, +)
    #expect(abs(spot.energy / energy - 1) < 1e-5)
  }

  @Test("aspect and shear: a detector point sees R·diag·shear of itself")
  func aspectAndShear() throws {
    var bench = DetectorBench<Double>(grid: 80, sampling: 1)
    bench.variables.aspect = 1.21
    bench.variables.shear = 0.2
    let (x, y) = (88e-6, 40e-6)
    let spot = Spot(try bench.detect(gaussian(bench, x: x, y: y, radiusX: 40e-6, radiusY: 40e-6)), bench)
    // x = 1.1 (u + 0.2 v), y = v / 1.1
    #expect(abs(spot.y - 1.1 * y) < 1e-9)
    #expect(abs(spot.x - (x / 1.1 - 0.2 * 1.1 * y)) < 1e-9)
  }

  @Test("a keystone divides by 1 + k·u and keeps the energy")
  func keystone() throws {
    var bench = DetectorBench<Double>(grid: 96, sampling: 2)
    bench.description.block = 2
    bench.variables.keystoneX = 300
    bench.variables.keystoneY = -200
    let plane = gaussian(bench, x: 0, y: 0, radiusX: 24e-6, radiusY: 24e-6)
    bench.variables.shiftX = -100e-6
    bench.variables.shiftY = 60e-6
    let spot = Spot(try bench.detect(plane), bench)
    // p = 0 where u = d·100 µm, v = −d·60 µm with d = 1 + kx·u + ky·v.
    let depth = 1 / (1 - 300 * 100e-6 - 200 * 60e-6)
    #expect(abs(spot.x - depth * 100e-6) < 0.2e-6)
    #expect(abs(spot.y + depth * 60e-6) < 0.2e-6)
    let energy: Double = plane.reduce(0, +)
    #expect(abs(spot.energy * 16 / energy - 1) < 1e-4)
  }

  @Test("a sample that is as large as several of the plane's is the sum of all of them")
  func largeSamples() throws {
    var bench = DetectorBench<Double>(grid: 31, sampling: 1)
    bench.description = DetectorDescription(block: 1, region: Region(x: 11, y: 11, width: 9, height: 9))
    bench.variables.scale = 3
    let plane = (0..<31 * 31).map { random.uniform(at: UInt64($0)) }
    let samples = try bench.detect(plane)
    for row in 0..<9 {
      for column in 0..<9 {
        // The sample in the middle lies on that of the plane's middle.
        var sum = 0.0
        for y in 0..<3 {
          for x in 0..<3 { sum += plane[(15 + 3 * (row - 4) + y - 1) * 31 + 15 + 3 * (column - 4) + x - 1] }
        }
        #expect(abs(samples[row * 9 + column] - sum) < 1e-9)
      }
    }
  }

  @Test("beyond the computed plane it is dark")
  func darkOutside() throws {
    var bench = DetectorBench<Double>(grid: 16)
    bench.variables.shiftX = 5 * bench.step
    let samples = try bench.detect([Double](repeating: 1, count: 256))
    for index in 0..<256 { #expect(abs(samples[index] - (index % 16 < 11 ? 1 : 0)) < 1e-12) }
  }

  @Test("a registration outside the plane, behind it or without size is a typed error")
  func refusals() {
    func refused(_ change: (inout DetectorVariables) -> Void) -> Bool {
      var bench = DetectorBench<Double>(grid: 16)
      change(&bench.variables)
      do {
        _ = try bench.detector()
        return false
      } catch TwinError.registration { return true } catch { return false }
    }
    #expect(refused { $0.shiftX = 9 * 8e-6 })
    #expect(!refused { $0.shiftX = 7 * 8e-6 })
    #expect(refused { $0.shiftY = -1e300 })
    #expect(refused { $0.scale = 0 })
    #expect(refused { $0.aspect = -1 })
    #expect(refused { $0.keystoneX = 1 / (3 * 8e-6) })
    #expect(refused { $0.shear = 1e300 })
  }
}
