import Arrays
import Devices
import Foundation

/// Everything about a simulated bench that is hidden, drawn from its configuration.
package struct HiddenBench: Sendable {
  package let alignment: Alignment
  let placements: [LayerPlacement]
  /// Metres by which each hop is longer than the nominal one.
  let hops: [Double]
  /// Coefficients of each layer's flatness from Noll's index 4 on, in radians.
  let flatness: [[Double]]
  /// The deviating slopes of the response in each layer's regions.
  let regionalSlopes: [[Double]]
  package let light: LightPath
  let configuration: SimulatedConfiguration
  let optics: NominalOptics

  var repeatedInput: RepeatedInput? { configuration.repeatedInput }

  package init(_ configuration: SimulatedConfiguration, optics: NominalOptics) throws {
    let seed = configuration.seed
    let placement = configuration.placement
    self.configuration = configuration
    self.optics = optics
    alignment = configuration.misalignment.alignment(nominalDistance: optics.distance, seed: seed)
    placements = placement.placements(optics.layers, seed: seed)
    guard placements.count == optics.layers else {
      throw SimulatedError.invalid(
        key: "layers.exact", value: "\(placements.count) layers", accepted: "\(optics.layers) layers")
    }
    try HiddenBench.requireFit(configuration, placements, width: Double(optics.grid) * optics.pitch)
    hops = placement.hops(optics.hops, seed: seed)
    let random = CounterRandom(seed: seed)
    flatness = placement.flatness(optics.layers, seed: seed)
    regionalSlopes = configuration.modulator.regionalSlopes(optics.layers, seed: seed)
    try require("layers.exactFlatness", flatness.count, optics.layers...optics.layers)
    if let maps = placement.maps { try require("layers.maps", maps.count, optics.layers...optics.layers) }
    try require("modulator.exactRegionalSlopes", regionalSlopes.count, optics.layers...optics.layers)
    light = LightPath(
      hops: hops, layerShifts: placements.contains { $0.shift != .zero } ? placements.map(\.shift) : [],
      illumination: configuration.source,
      sourceAberration: configuration.source.aberration.coefficients(random.stream(named: "source aberration")),
      relayAberration: configuration.imaging.aberration.coefficients(random.stream(named: "relay aberration")),
      seed: seed)
  }

  /// What reaches beyond the width of a layer is no imperfection any more.
  private static func requireFit(
    _ configuration: SimulatedConfiguration, _ placements: [LayerPlacement], width: Double
  ) throws {
    for (layer, placement) in placements.enumerated() {
      try require("layers.exact[\(layer)].shiftX", placement.shiftX, -width...width)
      try require("layers.exact[\(layer)].shiftY", placement.shiftY, -width...width)
      try require("layers.exact[\(layer)].scale", placement.scale, 0.5...2)
    }
    let imaging = configuration.imaging
    try require("modulator.crosstalk", configuration.modulator.crosstalk, 0...width / 4)
    try require("imaging.pointSpread", imaging.pointSpread, 0...width / 4)
    try require("imaging.keystoneX", imaging.keystoneX, -0.3 / width...0.3 / width)
    try require("imaging.keystoneY", imaging.keystoneY, -0.3 / width...0.3 / width)
    for (key, aberration) in [
      ("layers.flatness", configuration.placement.flatness), ("source.aberration", configuration.source.aberration),
    ] {
      try require("\(key).roughnessLength", aberration.roughness > 0 ? aberration.roughnessLength : 0, 0...width)
    }
  }

  // MARK: - Layers

  /// The layers with their imperfections; nil when there are none.
  func layers(grid: PlantGrid, layout: BenchLayout) -> [ImperfectLayer]? {
    let modulator = configuration.modulator
    let plates = optics.layerIndices.map { plate($0, grid) }
    let isIdeal =
      modulator.showsAsTold && !placements.contains { $0.isTurned || grid.split($0.shift).view != .zero }
      && plates.allSatisfy { $0 == nil }
    guard !isIdeal else { return nil }
    let panel = ImperfectPanel(modulator, grid: grid, scale: layout.layers.scale)
    return optics.layerIndices.map { layer in
      ImperfectLayer(
        grid: grid, placement: placements[layer], panel: panel, origin: layout.layers.origins[layer],
        response: regionalSlopes[layer].map { modulator.response(regionalSlope: $0, layout.layers.levelsPerTurn) },
        plate: plates[layer])
    }
  }

  /// The phase factors of a layer's tilt and of what is not flat about it.
  private func plate(_ layer: Int, _ grid: PlantGrid) -> [Complex]? {
    let placement = placements[layer]
    let phase = surface(layer, grid)
    guard phase != nil || placement.tiltX != 0 || placement.tiltY != 0 else { return nil }
    let wavenumber = 2 * Double.pi / optics.wavelength
    let tiltX = grid.tilt(grid.patch, wavenumber * sin(placement.tiltX))
    let tiltY = grid.tilt(grid.patch, wavenumber * sin(placement.tiltY))
    let tilt = tiltY.flatMap { y in tiltX.map { x in product(x, y) } }
    guard let phase else { return tilt }
    return zip(tilt, phase).map { product($0, phasor($1)) }
  }

  /// What is not flat about a layer, in radians on the patch; nil when it is flat.
  private func surface(_ layer: Int, _ grid: PlantGrid) -> [Double]? {
    let random = CounterRandom(seed: configuration.seed).stream(named: "roughness").child(UInt64(layer))
    let drawn = grid.wavefront(flatness[layer], rest: configuration.placement.flatness, random)
    guard let map = configuration.placement.map(layer, grid.patchSide) else { return drawn }
    return drawn.map { zip($0, map).map { $0 + $1 } } ?? map
  }

  // MARK: - Truth

  /// The phase of the light on the patch behind the first layer's plane, without tilts: the source's wavefront with what is not flat about
  /// that layer, which no frame tells apart where the input is imaged on it; `[patchSide, patchSide]`.
  package func wavefront(on grid: PlantGrid) -> [Double] {
    let random = CounterRandom(seed: configuration.seed)
    let none = [Double](repeating: 0, count: grid.patchSide * grid.patchSide)
    var source =
      grid.wavefront(
        light.sourceAberration, rest: configuration.source.aberration, random.stream(named: "source wavefront")) ?? none
    if let map = configuration.source.map { source = zip(source, map.values(grid.patchSide).phase).map(+) }
    guard optics.kind == .cavity else { return source }
    return zip(source, surface(0, grid) ?? none).map { $0 + $1 }
  }

  /// The values under the names that the twin has for them, after a displacement by drift.
  package func truth(_ moved: Drift.Rates = Drift.Rates()) -> [String: Double] {
    var truth: [String: Double] = [
      optics.kind == .cavity ? "mirrorGap" : "spacing": alignment.distance + moved.distance,
      "beamTiltX": alignment.beamX + moved.beamX, "beamTiltY": alignment.beamY + moved.beamY,
    ]
    if optics.kind == .cavity {
      truth["mirrorTiltX"] = alignment.mirrorX + moved.mirrorX
      truth["mirrorTiltY"] = alignment.mirrorY + moved.mirrorY
    }
    for (index, hop) in hops.enumerated() { truth["hop\(index + 1)Distance"] = hop }
    for layer in optics.layerIndices { describe(layer, in: &truth) }
    describeModulatorAndSource(in: &truth)
    describeImaging(moved, in: &truth)
    return truth
  }

  private func describe(_ layer: Int, in truth: inout [String: Double]) {
    let (name, placement) = ("plane\(layer + 1)", placements[layer])
    truth[name + "ShiftX"] = placement.shiftX
    truth[name + "ShiftY"] = placement.shiftY
    truth[name + "TiltX"] = placement.tiltX
    truth[name + "TiltY"] = placement.tiltY
    truth[name + "Rotation"] = placement.rotation
    truth[name + "Scale"] = placement.scale
    describe(flatness[layer], as: name + "Zernike", in: &truth)
    for (region, slope) in regionalSlopes[layer].enumerated() { truth[name + "Response\(region + 1)"] = slope }
  }

  private func describeModulatorAndSource(in truth: inout [String: Double]) {
    let (modulator, source) = (configuration.modulator, configuration.source)
    // What a curve holds can be said in several ways.
    if modulator.curve == nil {
      (truth["response1"], truth["response2"]) = (modulator.slope, modulator.quadratic)
      // The twin's cubic is no sine.
      if modulator.sine == 0 {
        truth["response3"] = 0
        for knot in 1...15 { truth["responseKnot\(knot)"] = 0 }
      }
    }
    if modulator.crosstalkKernel == nil {
      truth["crosstalk"] = modulator.crosstalk
      truth["crosstalkAspect"] = modulator.crosstalkAspect
      (truth["crosstalkSkewX"], truth["crosstalkSkewY"]) = (modulator.crosstalkSkewX, modulator.crosstalkSkewY)
    }
    truth["fillFactor"] = modulator.fillFactor
    truth["zeroOrderPhase"] = modulator.deadPhase
    truth["illuminationCurvature"] = source.curvature
    truth["illuminationSlopeX"] = source.slopeX
    truth["illuminationSlopeY"] = source.slopeY
    describe(light.sourceAberration, as: "modulatorZernike", in: &truth)
    truth["power"] = 1
    if let repeatedInput { truth["repeatScale"] = repeatedInput.scale }
  }

  private func describeImaging(_ moved: Drift.Rates, in truth: inout [String: Double]) {
    let imaging = configuration.imaging
    describe(light.relayAberration, as: "detectorZernike", in: &truth)
    truth["detectorShiftX"] = imaging.shiftX + moved.cameraX
    truth["detectorShiftY"] = imaging.shiftY + moved.cameraY
    truth["detectorRotation"] = imaging.rotation
    truth["detectorScale"] = imaging.scale
    truth["detectorAspect"] = imaging.aspect
    truth["detectorShear"] = 0
    truth["detectorKeystoneX"] = imaging.keystoneX
    truth["detectorKeystoneY"] = imaging.keystoneY
    truth["pointSpread"] = imaging.pointSpread
    // The bench delivers parts of full scale.
    truth["gain"] = imaging.gain / configuration.camera.fullScaleIntensity
    truth["exposure"] = 1
    truth["offset"] = imaging.offset
  }

  private func describe(_ coefficients: [Double], as name: String, in truth: inout [String: Double]) {
    for (index, coefficient) in coefficients.enumerated() { truth["\(name)\(NollZernike.first + index)"] = coefficient }
  }
}

extension NominalOptics {
  fileprivate var layerIndices: Range<Int> { 0..<layers }
}
