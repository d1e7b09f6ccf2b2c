import Arrays
import Doctor
import Foundation
import Testing

/// Protects the places of pictures: spots whose place is known, by the formula of a Gaussian.
@Suite("Places of pictures")
struct ImagePlacesTests {
  private static let side = 40

  private static func spot(x: Double, y: Double, brightness: Double, noise: Double, seed: UInt64) -> [Float] {
    let random = CounterRandom(seed: seed)
    return (0..<side * side).map { pixel in
      let (dx, dy) = (Double(pixel % side) - 19.5 - x, Double(pixel / side) - 19.5 - y)
      return Float(brightness * exp(-(dx * dx + dy * dy) / 32) + noise * random.normal(at: UInt64(pixel)))
    }
  }

  @Test("shifts are found beside changes of brightness, and the error says how well")
  func shifts() throws {
    let places = (0..<24).map { (x: 0.3 * sin(Double($0)), y: 0.2 * cos(2 * Double($0))) }
    let frames = places.enumerated().map { index, place in
      Self.spot(
        x: place.x, y: place.y, brightness: 0.5 + 0.01 * Double(index % 5), noise: 0.002, seed: UInt64(index))
    }
    let found = try #require(ImagePlaces(of: frames, width: Self.side))
    let error = try #require(found.error)
    let mean = (
      x: places.reduce(0) { $0 + $1.x } / 24, y: places.reduce(0) { $0 + $1.y } / 24
    )
    for (place, shift) in zip(places, found.shifts) {
      #expect(abs(shift.x - (place.x - mean.x)) < 0.02 && abs(shift.y - (place.y - mean.y)) < 0.02)
    }
    // Of a spot exp(−r²/2σ²) of height A, slopes add up to A²π/2 whatever its width; what shifts do to its curvature comes on top.
    let expected = 0.002 / (0.5 * (.pi / 2).squareRoot())
    #expect(error > 0.9 * expected && error < 2 * expected, "\(error)")
  }

  @Test("of a picture that stands still, noise makes as much as the error says")
  func still() throws {
    let frames = (0..<32).map { Self.spot(x: 0, y: 0, brightness: 0.5, noise: 0.02, seed: UInt64($0)) }
    let found = try #require(ImagePlaces(of: frames, width: Self.side))
    let spread = (found.shifts.reduce(0) { $0 + $1.x * $1.x } / 32).squareRoot()
    let error = try #require(found.error)
    #expect(spread > 0.6 * error && spread < 1.5 * error, "\(spread), \(error)")
  }

  @Test("a picture without slopes has no place")
  func flat() {
    let flat = [[Float]](repeating: [Float](repeating: 1, count: 100), count: 8)
    #expect(ImagePlaces(of: flat, width: 10) == nil)
    #expect(ImagePlaces(of: [[1, 2, 3]], width: 3) == nil)
  }
}
