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
    // The frames are those of a twin with this sampling.
    options.doubtsSampling = false
    let report = try twin.fit(example.data, free: ["beamTiltX", "mirrorTiltX", "plane1TiltX"], options: options)
    let worst = try #require(report.identifiability.weaknesses.first)
    #expect(worst.isLeftToPrior && worst.words.contains("beamTiltX") && worst.words.contains("plane1TiltX"))
    #expect(report.identifiability.singularValues.count == 3)
    // Of the first parameter and the third.
    #expect(report.correlations[2] < -0.99)
  }

  @Test("parameters without effect are named when nothing else is free, too", arguments: [1, 2])
  func withoutEffect(count: Int) throws {
    let example = try example()
    let names = Array(["power", "gain"].prefix(count))
    #expect(throws: FitError.singular(combination: "power")) { try example.start().fit(example.data, free: names) }
  }

  @Test("a direction that is left to its prior is called known worse only where it is")
  func weakWords() throws {
    let example = try example()
    var options = FitOptions()
    options.refusesSingular = false
    func words(_ name: String, prior: Double) throws -> String? {
      let twin = try example.start { if $0.name == name { $0.prior = prior } }
      return try twin.fit(example.data, free: [name], options: options).identifiability.weaknesses.first?.words
    }
    #expect(try words("beamTiltX", prior: 1e-12) == "beamTiltX: the frames leave it to the prior")
    #expect(try words("beamTiltX", prior: 1e-3) == nil)
    #expect(try words("power", prior: 0.1) == "power is not known at all: the frames leave it to the prior")
  }

  @Test("a twin whose frames overflow is refused")
  func overflow() throws {
    let example = try example()
    var data = example.data
    data.inputs.values = data.inputs.values.map { _ in 1e200 }
    #expect(throws: FitError.nonFinite) { try example.start().fit(data, free: ["beamTiltX"]) }
  }

  @Test("bounds closer than a difference step, at the edge of what a bench can be, do not end a fit")
  func narrowBounds() throws {
    let example = try FitExample(["mirrorTiltX": 1e-3], frames: 3, heldOut: 1)
    let twin = try example.start { parameter in
      guard parameter.name == "fillFactor" else { return }
      (parameter.value, parameter.minimum, parameter.maximum) = (1e-9, 0, 2e-9)
    }
    var options = FitOptions()
    options.refusesSingular = false
    let report = try twin.fit(example.data, free: ["fillFactor", "mirrorTiltX"], options: options)
    #expect((0...2e-9).contains(report.parameters["fillFactor"]))
  }

  @Test("a search goes on where its bounds lead it to benches that cannot be", arguments: FitOptimiser.allCases)
  func impossiblePoints(optimiser: FitOptimiser) throws {
    let example = try FitExample(["mirrorTiltX": 0.2e-3], frames: 3, heldOut: 1)
    // No pixel fills more than itself: the first difference upwards is refused by the twin.
    let twin = try example.start { if $0.name == "fillFactor" { $0.maximum = 2 } }
    var options = FitOptions()
    options.optimiser = optimiser
    let report = try twin.fit(example.data, free: ["fillFactor", "mirrorTiltX"], options: options)
    #expect(report.isImproved && report.parameters["fillFactor"] <= 1)
    #expect(abs(report.parameters["mirrorTiltX"] - 0.2e-3) < 0.05e-3)
  }

  @Test("a search that begins where no bench is returns what it was given")
  func impossibleStart() throws {
    let example = try example()
    // Released from its bound by half of the prior, to 2.
    let twin = try example.start { parameter in
      guard parameter.name == "fillFactor" else { return }
      (parameter.minimum, parameter.maximum, parameter.prior) = (1, 3, 2)
    }
    let report = try twin.fit(example.data, free: ["fillFactor"])
    #expect(!report.isImproved && report.parameters == twin.parameters && report.iterations == 0)
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

  @Test("names are selected by themselves, by a prefix, by their switch, by their group, and all")
  func selection() throws {
    let parameters = TwinParameters(nominalFor: try example().description)
    #expect(try parameters.names(selectedBy: ["beam*", "mirrorGap"]) == ["mirrorGap", "beamTiltX", "beamTiltY"])
    #expect(try parameters.names(selectedBy: ["default"]) == parameters.free.map(\.name))
    #expect(try parameters.names(selectedBy: ["all", "gain"]) == parameters.names)
    let aligned = ["mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"]
    #expect(try parameters.names(selectedBy: ["alignment", "beam*"]) == aligned)
    // Every frame has a gain of its own, and tells nothing of what scales it.
    let source = parameters.all.filter { $0.group == .source && $0.name != "power" }.map(\.name)
    #expect(try parameters.names(selectedBy: ["source"]) == source)
    // A word is a group or a parameter, never both.
    #expect(Set(TwinParameter.Group.allCases.map(\.rawValue)).isDisjoint(with: parameters.names))
    #expect(throws: TwinError.unknownParameter("bean*", known: parameters.names)) {
      try parameters.names(selectedBy: ["bean*"])
    }
  }
}
