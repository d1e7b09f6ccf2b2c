import Arrays
import Calibration
import Devices
import Foundation
import Measuring
import Testing
import Twin

/// A bench file with products that were made by hand, one of every kind.
@Suite struct CalibratedBenchTests {
  private static let stated: StatedBench = {
    let description = TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: 850e-9, pitch: 20e-6, grid: 8, layers: 2, distance: 5e-3, padding: 1.5),
      input: InputDescription(size: 4, block: 2), detector: DetectorDescription(block: 1))
    let layout = BenchLayout(
      layers: LayerLayout(origins: [PanelPoint(x: 0, y: 0), PanelPoint(x: 8, y: 0)], grid: 8),
      input: InputLayout(origin: PanelPoint(x: 0, y: 0), size: 4, scale: 2),
      camera: CameraLayout(x: 3, y: 4, width: 8, height: 8), timing: BenchTiming(layerLatency: 1e-3, deadline: 2))
    return StatedBench(
      description: description, parameters: TwinParameters(nominalFor: description), layout: layout)
  }()

  private static func product(_ content: ProductContent, _ posterior: Posterior = Posterior()) -> Product {
    Product(
      content: content, posterior: posterior, report: RoutineReport(estimates: [], frames: 3, fitted: 3),
      provenance: Provenance(
        routine: "by hand", seed: .max, parents: ["a"], settings: ["exposure": "1e-3"], software: "1", revision: "r"))
  }

  private static let camera = CameraModel(
    darkLevel: 0.01, readNoise: 2e-4, gain: 5e-5, step: 1.0 / 4095, saturation: 0.98,
    hotPixels: [PanelPoint(x: 1, y: 2)], deadPixels: [PanelPoint(x: 7, y: 0)])

  private static func twin(_ values: [String: Double]) -> ProductContent {
    var parameters = stated.parameters
    for (name, value) in values { parameters[name] = value }
    return .twin(parameters)
  }

  private static let contents: [ProductContent] = [
    .camera(camera),
    .timing(TimingModel(layerLatency: 4e-3, layerSettle: 2e-3)),
    .registration(
      RegistrationModel(
        orientation: .mirroredRotated90, region: Region(x: 5, y: 6, width: 9, height: 7),
        parameters: ParameterValues(["detectorShiftX": 3e-6, "plane2Rotation": 1e-3]))),
    .response(ResponseModel(curve: [0, 3, 6.2], parameters: ParameterValues(["fillFactor": 0.9]))),
    .crosstalk(ParameterValues(["crosstalk": 4e-6, "crosstalkSkewX": 0.2])),
    .source(
      SourceModel(
        amplitude: Stack(count: 1, height: 8, width: 8, repeating: 0.5),
        parameters: ParameterValues(["illuminationCurvature": -0.1]))),
    .alignment(ParameterValues(["mirrorTiltX": 1e-3, "mirrorGap": 5.1e-3])),
    twin(["mirrorTiltX": 2e-3, "crosstalk": 2e-6]),
  ]

  @Test("every kind is encoded and read back with its provenance", arguments: contents)
  func coding(content: ProductContent) throws {
    let product = Self.product(content, Posterior(names: ["a", "b"], covariance: [1, 0.5, 0.5, 2]))
    let read = try JSONDecoder().decode(Product.self, from: JSONEncoder().encode(product))
    #expect(read == product && read.kind == content.kind)
  }

  @Test("there is a content of every kind here")
  func kinds() { #expect(Self.contents.map(\.kind) == ProductKind.allCases) }

  @Test("without products the bench is what its file states")
  func bare() throws {
    let bench = try CalibratedBench(Self.stated)
    #expect(bench.description == Self.stated.description && bench.parameters == Self.stated.parameters)
    #expect(bench.timing == Self.stated.layout?.timing && bench.orientation == .upright && bench.camera == nil)
    #expect(bench.posterior.names.isEmpty)
  }

  @Test("every product shows in what the bench is known to be, and nothing of it in what the file states")
  func fold() throws {
    let bench = try CalibratedBench(Self.stated, products: Self.contents.dropLast().map { Self.product($0) })
    #expect(bench.camera == Self.camera && bench.camera?.noise == FrameNoise(read: 2e-4, shot: 5e-5, step: 1.0 / 4095))
    #expect(bench.timing?.layerLatency == 4e-3 && bench.timing?.layerSettle == 2e-3)
    #expect(bench.timing?.deadline == 2 && bench.timing?.inputLatency == nil)
    #expect(bench.orientation == .mirroredRotated90)
    #expect(bench.layout?.camera.region == Region(x: 5, y: 6, width: 9, height: 7))
    #expect(bench.description.modulator.response == [0, 3, 6.2])
    #expect(bench.description.source.amplitude?.values == [Double](repeating: 0.5, count: 64))
    let expected = [
      "detectorShiftX": 3e-6, "plane2Rotation": 1e-3, "fillFactor": 0.9, "illuminationCurvature": -0.1,
      "mirrorTiltX": 1e-3, "mirrorGap": 5.1e-3, "crosstalk": 4e-6, "crosstalkSkewX": 0.2,
    ]
    for parameter in bench.parameters.all {
      #expect(
        parameter.value == expected[parameter.name] ?? Self.stated.parameters[parameter.name], "\(parameter.name)")
      let stated = try #require(Self.stated.parameters.parameter(named: parameter.name))
      #expect(parameter.isFree == stated.isFree && parameter.prior == stated.prior, "\(parameter.name)")
    }
    #expect(bench.stated == Self.stated)
  }

  @Test("timing, region, orientation and pixels that say nothing are what the bench measures by")
  func operation() throws {
    let stated = try #require(Self.stated.layout)
    #expect(try CalibratedBench(Self.stated).operation == BenchKnowledge(stated))
    let known = try #require(
      try CalibratedBench(Self.stated, products: Self.contents.prefix(3).map { Self.product($0) }).operation)
    #expect(known.timing.layerLatency == 4e-3 && known.timing.layerSettle == 2e-3 && known.timing.deadline == 2)
    #expect(known.camera == CameraLayout(x: 5, y: 6, width: 9, height: 7, orientation: .mirroredRotated90))
    #expect(known.defects == [PanelPoint(x: 1, y: 2), PanelPoint(x: 7, y: 0)])
  }

  @Test("the mean of a block of pixels has a part of their variance, and its dark level no shot noise")
  func blocks() {
    let (one, block) = (Self.camera.noise, Self.camera.noise(ofBlocks: 4))
    for signal in [0, 0.1, 0.9] {
      #expect(abs(block.variance(at: 0.01 + signal) * 16 / one.variance(at: signal) - 1) < 1e-12)
    }
  }

  @Test("timing of version 0.1, without what was measured of the light, is read")
  func earlierTiming() throws {
    let early = Data(#"{"kind": "timing", "model": {"layerLatency": 0.004}}"#.utf8)
    #expect(
      try JSONDecoder().decode(ProductContent.self, from: early) == .timing(TimingModel(layerLatency: 4e-3)))
  }

  @Test(
    "of two products the later one counts: a new alignment stays with an older twin, a new twin replaces the alignment")
  func order() throws {
    let alignment = Self.product(.alignment(ParameterValues(["mirrorTiltX": 1e-3])))
    let twin = Self.product(Self.twin(["mirrorTiltX": 2e-3, "crosstalk": 2e-6]))
    let first = try CalibratedBench(Self.stated, products: [twin, alignment])
    #expect(first.parameters["mirrorTiltX"] == 1e-3 && first.parameters["crosstalk"] == 2e-6)
    let second = try CalibratedBench(Self.stated).adding(alignment).adding(twin)
    #expect(second.parameters["mirrorTiltX"] == 2e-3 && second.products == [alignment, twin])
  }

  @Test(
    "a value beyond the file's bounds is moved to the bound, and a parameter that the bench does not have is refused")
  func bounds() throws {
    let far = Self.product(.alignment(ParameterValues(["mirrorTiltX": 1])))
    let bound = try #require(Self.stated.parameters.parameter(named: "mirrorTiltX")).maximum
    #expect(try CalibratedBench(Self.stated, products: [far]).parameters["mirrorTiltX"] == bound)
    let foreign = Self.product(.alignment(ParameterValues(["spacing": 1e-3])))
    #expect(throws: TwinError.self) { try CalibratedBench(Self.stated, products: [foreign]) }
  }

  @Test("the covariance of what was found together stays, and a later product replaces its own parameters only")
  func posterior() throws {
    let first = Posterior(names: ["mirrorTiltX", "mirrorGap", "crosstalk"], covariance: [4, 1, 2, 1, 9, 3, 2, 3, 16])
    let second = Posterior(names: ["mirrorGap", "beamTiltX"], covariance: [0.25, -0.1, -0.1, 1])
    let bench = try CalibratedBench(
      Self.stated, products: [Self.product(Self.twin([:]), first), Self.product(Self.contents[5], second)])
    let known = bench.posterior
    #expect(Set(known.names) == ["mirrorTiltX", "mirrorGap", "crosstalk", "beamTiltX"])
    #expect(known["mirrorTiltX", "crosstalk"] == 2 && known["crosstalk", "mirrorTiltX"] == 2)
    #expect(known["mirrorGap", "mirrorGap"] == 0.25 && known["mirrorGap", "beamTiltX"] == -0.1)
    #expect(known["mirrorGap", "crosstalk"] == 0 && known.standardDeviation(of: "mirrorTiltX") == 2)
    #expect(known.standardDeviation(of: "spacing") == nil && known["spacing", "mirrorGap"] == nil)
  }

  @Test("a posterior with another number of covariances is refused when it is read")
  func damagedPosterior() {
    let text = #"{"names": ["a", "b"], "covariance": [1, 2, 3]}"#
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Posterior.self, from: Data(text.utf8)) }
  }
}
