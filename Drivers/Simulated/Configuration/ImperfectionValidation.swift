extension LayerMisplacement {
  /// - Throws: ``SimulatedError/invalid(key:value:accepted:)``.
  func validate() throws {
    try require("layers.shift", shift, 0...0.01)
    try require("layers.tilt", tilt, 0...0.5)
    try require("layers.rotation", rotation, 0...0.5)
    try require("layers.scale", scale, 0...0.1)
    try require("layers.distance", distance, 0...0.1)
    try flatness.validate("layers.flatness")
    for placement in exact ?? [] {
      for (key, length) in [("shiftX", placement.shiftX), ("shiftY", placement.shiftY)] {
        try require("layers.exact.\(key)", length, -0.01...0.01)
      }
      for (key, angle) in [
        ("tiltX", placement.tiltX), ("tiltY", placement.tiltY), ("rotation", placement.rotation),
      ] {
        try require("layers.exact.\(key)", angle, -0.5...0.5)
      }
      try require("layers.exact.scale", placement.scale, 0.5...2)
    }
    for coefficients in exactFlatness ?? [] {
      try require("layers.exactFlatness", coefficients.count, 0...64)
      for coefficient in coefficients { try require("layers.exactFlatness", coefficient, -100...100) }
    }
    for map in maps ?? [] {
      guard map.isEmpty || Spline.fineness(map.count) != nil else {
        throw SimulatedError.invalid(
          key: "layers.maps", value: "\(map.count) coefficients", accepted: "none, or the square of a number in 4…512")
      }
      for coefficient in map { try require("layers.maps", coefficient, -1e3...1e3) }
    }
    for hop in exactHops ?? [] { try require("layers.exactHops", hop, -1...1) }
  }
}

extension ModulatorImperfection {
  func validate() throws {
    for (key, value) in [("slope", slope), ("quadratic", quadratic), ("sine", sine)] {
      try require("modulator.\(key)", value, -2...2)
    }
    try require("modulator.regions", regions, 1...64)
    try require("modulator.regionalSlope", regionalSlope, 0...1)
    for slopes in exactRegionalSlopes ?? [] {
      try require("modulator.exactRegionalSlopes", slopes.count, regions * regions...regions * regions)
      for slope in slopes { try require("modulator.exactRegionalSlopes", slope, -2...2) }
    }
    if let curve {
      try require("modulator.curve", curve.count, 2...4097)
      for phase in curve { try require("modulator.curve", phase, -100...100) }
    }
    try require("modulator.fillFactor", fillFactor, 0...1)
    try require("modulator.deadPhase", deadPhase, -100...100)
    try require("modulator.crosstalk", crosstalk, 0...1e-3)
    for (key, value) in [
      ("crosstalkAspect", crosstalkAspect), ("crosstalkSkewX", crosstalkSkewX), ("crosstalkSkewY", crosstalkSkewY),
    ] {
      try require("modulator.\(key)", value, -0.8...0.8)
    }
    guard let crosstalkKernel else { return }
    let width = crosstalkKernel.first?.count ?? 0
    guard crosstalkKernel.count % 2 == 1, width % 2 == 1, crosstalkKernel.allSatisfy({ $0.count == width }),
      crosstalkKernel.count <= 65, width <= 65
    else {
      throw SimulatedError.invalid(
        key: "modulator.crosstalkKernel", value: "\(crosstalkKernel.count) rows of \(width)",
        accepted: "an odd number of rows of one odd length, at most 65")
    }
    let sum = crosstalkKernel.joined().reduce(0, +)
    let magnitude = crosstalkKernel.joined().reduce(0) { $0 + abs($1) }
    guard magnitude.isFinite, abs(sum) >= max(1e-9, 1e-3 * magnitude) else {
      throw SimulatedError.invalid(
        key: "modulator.crosstalkKernel", value: "of sum \(sum), with magnitudes that add up to \(magnitude)",
        accepted: "weights that can be made to add up to 1: a sum of at least 1e-9 and a thousandth of the magnitudes'")
    }
  }
}

extension SourceImperfection {
  func validate() throws {
    for (key, value) in [("curvature", curvature), ("slopeX", slopeX), ("slopeY", slopeY)] {
      try require("source.\(key)", value, -10...10)
    }
    try aberration.validate("source.aberration")
    guard let map else { return }
    if let problem = map.problem {
      throw SimulatedError.invalid(key: "source.map", value: problem, accepted: "n × n coefficients of each")
    }
    for coefficient in map.phase + map.logAmplitude { try require("source.map", coefficient, -1e3...1e3) }
  }
}

extension ImagingImperfection {
  func validate() throws {
    for (key, length) in [("shiftX", shiftX), ("shiftY", shiftY)] { try require("imaging.\(key)", length, -0.1...0.1) }
    try require("imaging.rotation", rotation, -4...4)
    try require("imaging.scale", scale, 0.1...10)
    try require("imaging.aspect", aspect, 0.5...2)
    for (key, value) in [("keystoneX", keystoneX), ("keystoneY", keystoneY)] {
      try require("imaging.\(key)", value, -1e4...1e4)
    }
    try require("imaging.pointSpread", pointSpread, 0...1e-3)
    try require("imaging.gain", gain, 1e-6...1e6)
    try require("imaging.offset", offset, -1...1)
    try aberration.validate("imaging.aberration")
  }
}

extension Drift {
  func validate() throws {
    try require("drift.interval", interval, 1e-3...1e6)
    for quantity in Rates.all {
      try require("drift.rate", rate[keyPath: quantity], -1...1)
      try require("drift.walk", walk[keyPath: quantity], 0...1)
      try require("drift.vibration", vibration[keyPath: quantity], 0...1)
    }
    try require("drift.vibrationFrequency", vibrationFrequency, 1e-3...1e6)
  }
}

extension Aberration {
  fileprivate func validate(_ key: String) throws {
    try require("\(key).rms", rms, 0...100)
    try require("\(key).roughness", roughness, 0...100)
    try require("\(key).roughnessLength", roughnessLength, 1e-7...1)
    for coefficient in exact ?? [] { try require("\(key).exact", coefficient, -100...100) }
    try require("\(key).exact", exact?.count ?? 0, 0...64)
  }
}
