import Devices
import Foundation
import Simulated
import Testing

/// Protects what the plant does in the course of time and to levels, which a doctor is to find: by formulas of a swing and a clip.
@Suite("A plant that does not keep still")
struct RestlessPlantTests {
  private static let spot: Pattern = {
    var spot = Pattern(width: 96, height: 96)
    for y in 44..<52 { for x in 44..<52 { spot.levels[y * 96 + x] = 255 } }
    return spot
  }()

  private static func plant(_ change: (inout SimulatedConfiguration) -> Void) throws -> ProfileBench {
    try ProfileBench {
      $0.noise = .none
      $0.misalignment.exact = Alignment(distance: 4.8e-3)
      change(&$0)
    }
  }

  private static func sum(_ pixels: [UInt16]) -> Double { pixels.reduce(0) { $0 + Double($1) } }

  @Test("a panel of limited range shows 236 as 255 and 16 as 0, and what lies between in equal steps")
  func limitedRange() async throws {
    let limited = try Self.plant { $0.inputPanel.limited = true }
    let plain = try Self.plant { _ in }
    let layers = Pattern(width: 800, height: 200)
    func light(_ bench: ProfileBench, _ level: UInt8) async throws -> Double {
      var spot = Self.spot
      for index in spot.levels.indices where spot.levels[index] > 0 { spot.levels[index] = level }
      return Self.sum(try await bench.frame(layers: layers, input: spot))
    }
    #expect(try await light(limited, 236) == light(limited, 255))
    #expect(try await light(limited, 16) == light(plain, 0))
    // 89 lies a third of the way from 16 to 235.
    let (third, expected) = (try await light(limited, 89), try await light(plain, 85))
    #expect(third == expected && third > 0)
  }

  @Test("what vibrates is at both ends of its way, and nowhere beyond")
  func vibration() {
    let drift = Drift(vibration: Drift.Rates(cameraX: 5e-6), vibrationFrequency: 25, interval: 1e-3)
    let places = (0..<400).map { drift.displacement(after: $0, seed: 1) }
    #expect(abs((places.map(\.cameraX).max() ?? 0) - 5e-6) < 1e-12)
    #expect(abs((places.map(\.cameraX).min() ?? 0) + 5e-6) < 1e-12)
    #expect(places.allSatisfy { $0.cameraY == 0 })
    // 25 swings per second.
    #expect(zip(places, places.dropFirst(40)).allSatisfy { abs($0.cameraX - $1.cameraX) < 1e-15 })
  }
}
