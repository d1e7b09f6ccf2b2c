import Numerics
import Optics
import Testing

@Suite struct SamplingTests {
  @Test("a rough field aliases without padding, and agrees with a wide canvas with padding 2")
  func aliasing() throws {
    let field = Field<Double>.rough(seed: 1)
    let results = try [1.0, 2, 4].map { padding in
      try Propagator<Double>(
        grid: field.grid, space: Bench.space(Bench.hop), padding: padding, bandLimit: false, allowUndersampling: true
      ).forward(field)
    }
    #expect(results[0].correlation(with: results[2]) < 0.9)
    #expect(results[1].correlation(with: results[2]) > 0.9999)
  }

  struct Case: Sendable {
    let side: Int
    let critical: Double
    let kept: Double
    let distanceText: String
    let keptText: String
  }

  static let cases = [
    Case(side: 260, critical: 25.8899e-3, kept: 0.7566, distanceText: "25.88988", keptText: "75.66 %"),
    Case(side: 300, critical: 29.8729e-3, kept: 0.8728, distanceText: "29.87294", keptText: "87.28 %"),
  ]

  @Test("a distance beyond N·pitch²/λ warns with the numbers and the part of the band that is kept", arguments: cases)
  func warning(of expected: Case) throws {
    let grid = Bench.grid(expected.side)
    let sampling = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop)).sampling
    #expect(abs(sampling.criticalDistance - expected.critical) < 5e-8)
    #expect(abs(sampling.partKept - expected.kept) < 5e-5)
    #expect(sampling.isUndersampled)
    let warning = try #require(sampling.warning)
    for part in ["34.2 mm", expected.distanceText, expected.keptText] { #expect(warning.contains(part), "\(warning)") }

    let padded = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), padding: 2).sampling
    #expect(!padded.isUndersampled && padded.warning == nil && padded.partKept == 1)
    let short = try Propagator<Double>(grid: grid, space: Bench.space(expected.critical - 1e-6)).sampling
    #expect(!short.isUndersampled && short.warning == nil)
  }

  @Test("a negative distance is judged by its length")
  func backwards() throws {
    let sampling = try Propagator<Double>(grid: Bench.grid(300), space: Bench.space(-Bench.hop)).sampling
    #expect(sampling.isUndersampled)
    #expect(abs(sampling.partKept - 0.8728) < 5e-5)
    // 344 samples are needed; 325 and more are rounded up to 360, while 324 is a fast length itself.
    #expect(sampling.sufficientPadding == 325.0 / 300)
  }

  @Test(
    "with the band limit off, an undersampled distance is an error with the numbers unless it is allowed",
    arguments: cases)
  func refusal(of expected: Case) throws {
    let grid = Bench.grid(expected.side)
    let error = #expect(throws: OpticsError.self) {
      try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), bandLimit: false)
    }
    guard case .undersampled(let report) = try #require(error) else {
      Issue.record("expected undersampled, got \(String(describing: error))")
      return
    }
    #expect(abs(report.criticalDistance - expected.critical) < 5e-8)
    #expect(error?.description.contains(expected.distanceText) == true)
    #expect(error?.description.contains("34.2 mm") == true)
    _ = try Propagator<Double>(
      grid: grid, space: Bench.space(Bench.hop), bandLimit: false, allowUndersampling: true)
    _ = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), padding: 2, bandLimit: false)
  }

  @Test("the padding that the report names is enough")
  func sufficientPadding() throws {
    let grid = Bench.grid(300)
    let named = try Propagator<Double>(grid: grid, space: Bench.space(0.1)).sampling.sufficientPadding
    let padded = try Propagator<Double>(grid: grid, space: Bench.space(0.1), padding: named).sampling
    #expect(!padded.isUndersampled)
  }

  struct Invalid: Sendable {
    let name: String
    var pitch = 8e-6
    var wavelength = 850e-9
    var distance = 1e-2
    var padding = 1.0
    var side = 16
  }

  @Test(
    "numbers that are not physical are refused by name",
    arguments: [
      Invalid(name: "grid", side: 0), Invalid(name: "pitch", pitch: 0), Invalid(name: "pitch", pitch: .nan),
      Invalid(name: "wavelength", wavelength: -1), Invalid(name: "wavelength", wavelength: .infinity),
      Invalid(name: "distance", distance: .nan), Invalid(name: "distance", distance: .infinity),
      Invalid(name: "padding", padding: 0.5), Invalid(name: "padding", padding: .nan),
      Invalid(name: "padding", padding: 1e9),
    ])
  func invalidNumbers(numbers: Invalid) throws {
    let error = #expect(throws: OpticsError.self) {
      try Propagator<Float>(
        grid: PlaneGrid(side: numbers.side, pitch: numbers.pitch),
        space: FreeSpace(wavelength: numbers.wavelength, distance: numbers.distance), padding: numbers.padding)
    }
    guard case .invalid(let name, _, _) = try #require(error) else {
      Issue.record("expected invalid, got \(String(describing: error))")
      return
    }
    #expect(name == numbers.name)
  }
}
