import Arrays

/// What calibrations have found out about a bench that changes how it measures: how long panels take, which pixels of the camera see
/// the detector plane and how, and which of them say nothing.
public struct BenchKnowledge: Sendable, Equatable {
  public var timing: BenchTiming
  public var camera: CameraLayout
  /// Sensor pixels that are bright in the dark or do not answer to light.
  public var defects: [PanelPoint]

  public init(timing: BenchTiming, camera: CameraLayout, defects: [PanelPoint] = []) {
    self.timing = timing
    self.camera = camera
    self.defects = defects
  }

  /// What the bench file states.
  public init(_ layout: BenchLayout) { self.init(timing: layout.timing, camera: layout.camera) }
}

extension Bench {
  /// Measures from now on as is known of the bench; what its file states is forgotten until it is given again.
  ///
  /// - Throws: ``BenchError/busy`` during a measurement, and what is wrong with places on the sensor or with times. The bench then
  ///   measures as before.
  public func adopt(_ knowledge: BenchKnowledge) async throws {
    guard knowledge != known else { return }
    guard !isBusy else { throw BenchError.busy }
    var layout = layout
    (layout.timing, layout.camera) = (knowledge.timing, knowledge.camera)
    try layout.validate(
      layerModulator: layerModulator.description, inputModulator: inputModulator.description, camera: camera.description
    )
    let (found, stated) = (knowledge.camera.detectorSize, self.layout.camera.detectorSize)
    guard found == stated else {
      throw BenchError.invalidLayout(
        key: "camera", value: "\(found.width) × \(found.height) samples of the detector plane",
        accepted: "\(stated.width) × \(stated.height), as the bench file states")
    }
    known = knowledge
  }
}
