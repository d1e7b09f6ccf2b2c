import Foundation
import Measuring
import Testing

@Suite struct EstimateTests {
  @Test("an estimate of an earlier record, without a start and without bounds, is still read")
  func earlier() throws {
    let text = #"{"name": "mirrorGap", "unit": "m", "value": 0.0171, "standardDeviation": 2e-6}"#
    let read = try JSONDecoder().decode(Estimate.self, from: Data(text.utf8))
    #expect(read == Estimate(name: "mirrorGap", unit: "m", value: 0.0171, standardDeviation: 2e-6))
    #expect(read.start == nil && !read.isAtBound)
  }

  @Test("an estimate is written with the names that clients read")
  func names() throws {
    let estimate = Estimate(
      name: "beamTiltX", unit: "rad", start: 0, value: 1e-3, standardDeviation: 1e-6, isAtBound: true)
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(estimate)) as? [String: Any]
    #expect(object?.keys.sorted() == ["atBound", "name", "standardDeviation", "start", "unit", "value"])
    #expect(object?["atBound"] as? Bool == true && object?["start"] as? Double == 0)
  }
}
