import Arrays
import Optics
import Testing
import Twin

@Suite struct FitRefusalTests {
  private func example() throws -> FitExample {
    try FitExample(["mirrorTiltX": 1e-3], frames: 3, heldOut: 1, noise: 0.01)
  }

  @Test("names that are unknown, doubled or none are refused")
  func names() throws {
    let example = try example()
    let twin = try example.start()
    #expect(throws: FitError.nothingFree) { try twin.fit(example.data, free: []) }
    #expect(throws: FitError.duplicate("beamTiltX")) {
      try twin.fit(example.data, free: ["beamTiltX", "mirrorGap", "beamTiltX"])
    }
    #expect(throws: TwinError.unknownParameter("beamTilt", known: twin.parameters.names)) {
      try twin.fit(example.data, free: ["beamTilt"])
    }
  }

  @Test("frames that are absent, dark, clipped, not finite or of another size are refused with their place")
  func frames() throws {
    let example = try example()
    let twin = try example.start()
    func refusal(_ change: (inout FitData) -> Void) -> String {
      var data = example.data
      change(&data)
      do {
        _ = try twin.fit(data, free: ["beamTiltX"])
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal { $0.frames = Stack(count: 0, height: 0, width: 0) }.contains("there are no frames"))
    #expect(refusal { $0.patterns.removeLast() }.contains("2 patterns and 3 frames"))
    #expect(refusal { $0.inputs = Stack(count: 2, height: 10, width: 10) }.contains("2 input images"))
    #expect(refusal { $0.heldOut = [0, 1, 2] }.contains("none is left to fit"))
    #expect(refusal { $0.heldOut = [3] }.contains("frame 3 shall be held out"))
    #expect(refusal { $0.heldOut = [1, 1] }.contains("held out twice"))
    #expect(refusal { $0.block = 2 }.contains("frames has the shape"))
    #expect(refusal { $0.frames[1, 2, 3] = .nan }.contains("frame 1 holds NaN or infinity at element 83"))
    #expect(
      refusal { data in
        for index in data.frames.range(ofPlane: 2) { data.frames.values[index] = 0 }
      }.contains("frame 2 is dark"))
    #expect(refusal { $0.saturation = 1e-9 }.contains("of frame 0 is saturated"))
    #expect(refusal { $0.patterns[0][0, 0, 0] = .infinity }.contains("layers holds NaN or infinity"))
  }

  @Test("a parameter whose start, scale or bounds no fit can use is refused by name")
  func parameters() throws {
    let example = try example()
    func refusal(_ change: (inout TwinParameter) -> Void) throws -> String {
      var parameters = TwinParameters(nominalFor: example.description)
      var parameter = try #require(parameters.parameter(named: "beamTiltX"))
      change(&parameter)
      try parameters.update(parameter)
      do {
        _ = try Twin<Double>(example.description, parameters: parameters).fit(example.data, free: ["beamTiltX"])
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(try refusal { $0.value = .nan }.contains("beamTiltX is nan"))
    #expect(try refusal { $0.value = 7e-3 }.contains("outside its bounds"))
    #expect(try refusal { $0.scale = 0 }.contains("its scale is 0"))
    #expect(try refusal { $0.prior = .nan }.contains("its prior is nan"))
    #expect(try refusal { $0.maximum = $0.minimum }.contains("its bounds"))
  }

  @Test("what the frames do not depend on is named: one parameter, or a combination")
  func singular() throws {
    let example = try example()
    let twin = try example.start()
    // Every frame's own gain takes the power.
    #expect(throws: FitError.singular(combination: "power")) {
      try twin.fit(example.data, free: ["power", "beamTiltX"])
    }
    // The first layer's tilt is the beam's.
    do {
      _ = try twin.fit(example.data, free: ["beamTiltX", "mirrorTiltX", "plane1TiltX"])
      Issue.record("the fit went on")
    } catch FitError.singular(let combination) {
      #expect(combination.contains("beamTiltX") && combination.contains("plane1TiltX"))
      #expect(combination.contains(" - ") && !combination.contains("mirrorTiltX"), "\(combination)")
    }
    var options = FitOptions()
    options.refusesSingular = false
    let report = try twin.fit(example.data, free: ["beamTiltX", "mirrorTiltX", "plane1TiltX"], options: options)
    let worst = try #require(report.identifiability.weaknesses.first)
    #expect(worst.isLeftToPrior && worst.words.contains("beamTiltX") && worst.words.contains("plane1TiltX"))
    #expect(report.identifiability.singularValues.count == 3)
    #expect(try #require(report.correlation("beamTiltX", "plane1TiltX")) < -0.99)
  }

  @Test("a fit ends when its task is cancelled")
  func cancellation() async throws {
    let example = try example()
    let twin = try example.start()
    let task = Task {
      try twin.fit(example.data, free: ["beamTiltX", "mirrorTiltX"]) { _ in withUnsafeCurrentTask { $0?.cancel() } }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("names are selected by themselves, by a prefix, by their switch, and all")
  func selection() throws {
    let parameters = TwinParameters(nominalFor: try example().description)
    #expect(try parameters.names(selectedBy: ["beam*", "mirrorGap"]) == ["mirrorGap", "beamTiltX", "beamTiltY"])
    #expect(try parameters.names(selectedBy: ["default"]) == parameters.free.map(\.name))
    #expect(try parameters.names(selectedBy: ["all", "gain"]) == parameters.names)
    #expect(throws: TwinError.unknownParameter("bean*", known: parameters.names)) {
      try parameters.names(selectedBy: ["bean*"])
    }
  }
}
