import Arrays
import Measuring
import Testing

@Suite struct MeasuredTests {
  private func measured(_ values: [Float], clipped: Int? = nil) -> Measured {
    let exposures = clipped.map { clipped in
      Exposures(
        images: [
          Exposure(
            presented: 1, evidence: .acknowledged, settled: 2, start: 3, end: 4, sequence: 5, clipped: clipped)
        ], matching: MatchingReport(), settings: CameraSettings(exposure: 1e-3))
    }
    return Measured(
      intensities: Stack(count: 1, height: 1, width: values.count, values: values), saturation: 1, exposures: exposures)
  }

  @Test("a computed answer is saturated at its detector's limit, and never without one")
  func computed() {
    #expect(measured([0.5, 1]).isSaturated)
    #expect(!measured([0.5, 0.99]).isSaturated)
    var boundless = measured([1e9])
    boundless.saturation = nil
    #expect(!boundless.isSaturated)
  }

  @Test("a clipped pixel tells even where the mean of its block hides it")
  func hidden() {
    #expect(measured([0.6], clipped: 1).isSaturated)
    #expect(!measured([0.6], clipped: 0).isSaturated)
  }
}
