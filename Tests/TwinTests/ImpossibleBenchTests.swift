import Arrays
import Optics
import Testing
import Twin

/// Benches that cannot be: each is refused with a typed error that says what is wrong.
@Suite struct ImpossibleBenchTests {
  private static let description = TwinDescription.small(.cavity, grid: 24)

  private static func refused(_ change: (inout TwinDescription, inout TwinParameters) -> Void) -> TwinError? {
    var description = description
    var parameters = TwinParameters(nominalFor: description)
    change(&description, &parameters)
    do {
      _ = try Twin<Float>(description, parameters: parameters)
      return nil
    } catch {
      return error
    }
  }

  @Test("a parameter that is not finite is refused by name, whichever it is")
  func nonFinite() {
    for name in TwinParameters(nominalFor: Self.description).names {
      for value in [Double.nan, .infinity, -.infinity] {
        let error = Self.refused { $1[name] = value }
        #expect(error?.description.contains(name) == true, "\(name) = \(value)")
      }
    }
  }

  @Test("crosstalk that reaches further than the plane is refused with both sizes, parametric or measured")
  func crosstalk() {
    #expect(Self.refused { $1["crosstalk"] = 1e-3 } == .crosstalk(size: 1255, plane: 24))
    let row = [Double](repeating: 1, count: 25)
    #expect(
      Self.refused {
        $0.modulator.crosstalkKernel = [row]
        _ = $1
      } == .crosstalk(size: 25, plane: 24))
    #expect(Self.refused { $1["crosstalk"] = 2e-6 } == nil)
    #expect(
      Self.refused {
        $0.modulator.crosstalkKernel = [Array(row[..<23])]
        _ = $1
      } == nil)
  }

  @Test(
    "values that no modulator and no detector has are refused by name",
    arguments: [
      ("fillFactor", 1.1), ("fillFactor", -0.1), ("crosstalk", -1e-6), ("pointSpread", -1e-6), ("detectorScale", 0),
      ("detectorScale", -1), ("detectorAspect", 0),
    ])
  func impossibleValues(name: String, value: Double) {
    #expect(Self.refused { $1[name] = value } != nil)
  }

  @Test("a registration that looks past the plane is a typed error, not darkness")
  func registration() {
    for change in [("detectorShiftX", 1.0), ("detectorShiftY", -1.0), ("detectorScale", 100)] {
      let error = Self.refused { $1[change.0] = change.1 }
      guard case .registration = error else {
        Issue.record("\(change.0): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("modulators and sources that cannot be are refused")
  func descriptions() {
    #expect(
      Self.refused {
        $0.modulator.response = [1]
        _ = $1
      } != nil)
    #expect(
      Self.refused {
        $0.modulator.response = [0, .nan]
        _ = $1
      } != nil)
    #expect(
      Self.refused {
        $0.modulator.levels = 1
        _ = $1
      } != nil)
    #expect(
      Self.refused {
        $0.modulator.crosstalkKernel = [[1, 2]]
        _ = $1
      } != nil)
    #expect(
      Self.refused {
        $0.modulator.crosstalkKernel = [[0]]
        _ = $1
      } != nil)
    #expect(
      Self.refused {
        $0.modulator.crosstalkKernel = [[1e9, -1e9, 2e-9]]
        _ = $1
      }?.description.contains("a thousandth of the magnitudes'") == true)
    #expect(
      Self.refused {
        $0.source.amplitude = Stack(count: 1, height: 3, width: 3, repeating: 1)
        _ = $1
      } != nil)
    #expect(
      Self.refused {
        $0.source.amplitude = Stack(count: 1, height: 24, width: 24, repeating: -1)
        _ = $1
      } != nil)
    #expect(
      Self.refused {
        $0.detector.bits = 8
        _ = $1
      } != nil)
  }

  @Test("parameters of another bench are refused: too many, too few, others")
  func otherParameters() throws {
    for geometry in [TwinDescription.small(.planes, grid: 24), .small(.cavity, grid: 24, layers: 2)].map(\.geometry) {
      #expect(throws: TwinError.self) {
        try Twin<Float>(Self.description, parameters: TwinParameters(nominalFor: geometry))
      }
    }
  }

  @Test("with the band limit off, a hop that the canvas undersamples is an error unless it is allowed")
  func undersampled() throws {
    var description = Self.description
    description.geometry.allowUndersampling = false
    let error = #expect(throws: TwinError.self) { try Twin<Float>(description) }
    guard case .optics(.undersampled(let report)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    description.geometry.padding = report.sufficientPadding
    #expect(!(try Twin<Float>(description)).sampling.isUndersampled)
    description.geometry.padding = 2
    description.geometry.bandLimit = true
    #expect(try Twin<Float>(description).sampling.warning != nil)
  }

  @Test("a layer beside the beam needs more room than one on it")
  func shifted() throws {
    var description = TwinDescription.small(.cavity, grid: 24, distance: 1.4e-3)
    description.geometry.allowUndersampling = false
    var parameters = TwinParameters(nominalFor: description)
    #expect(!(try Twin<Float>(description, parameters: parameters)).sampling.isUndersampled)
    parameters["plane2ShiftX"] = 100e-6
    #expect(throws: TwinError.self) { try Twin<Float>(description, parameters: parameters) }
  }
}
