extension SimulatedConfiguration {
  /// - Throws: ``SimulatedError/invalid(key:value:accepted:)``.
  func validate() throws {
    try layerPanel.validate("layerPanel")
    try inputPanel.validate("inputPanel")
    try camera.validate()
    try require("noise.fullWell", noise.fullWell, 1...1e9)
    try require("noise.read", noise.read, 0...1e6)
    try require("noise.laser", noise.laser, 0...1)
    try require("noise.flicker", noise.flicker, 0...1)
    try require("noise.flickerFrequency", noise.flickerFrequency, 1e-3...1e6)
    try misalignment.validate()
    try placement.validate()
    try modulator.validate()
    try source.validate()
    try imaging.validate()
    try drift.validate()
    if let repeatedInput { try require("repeatInput.scale", repeatedInput.scale, -100...100) }
    let probabilities = [
      ("dropped", faults.dropped), ("duplicated", faults.duplicated), ("stale", faults.stale), ("black", faults.black),
      ("erroneous", faults.erroneous), ("late", faults.late), ("torn", faults.torn), ("hung", faults.hung),
      ("disconnected", faults.disconnected),
    ]
    for (key, probability) in probabilities { try require("faults.\(key)", probability, 0...1) }
    // A camera that drops every frame would never come to its next one.
    try require("faults.lateness", faults.lateness, 0...60)
    try require("faults.outage", faults.outage, 0...60)
    try require("faults.dropped", faults.dropped, 0...0.999)
  }
}

extension SimulatedPanel {
  fileprivate func validate(_ name: String) throws {
    try require("\(name).width", width, 1...16384)
    try require("\(name).height", height, 1...16384)
    try require("\(name).greyLevels", greyLevels, 2...256)
    try require("\(name).refreshRate", refreshRate, 1e-3...1e6)
    try require("\(name).latency", latency, 0...60)
    try require("\(name).settle", settle, 0...60)
    if let fall { try require("\(name).fall", fall, 0...60) }
  }
}

extension SimulatedSensor {
  fileprivate func validate() throws {
    try require("camera.width", width, 1...16384)
    try require("camera.height", height, 1...16384)
    try require("camera.bits", bits, 1...16)
    try require("camera.frameRate", frameRate, 1e-3...1e6)
    try require("camera.exposure", exposure, 1e-6...1 / frameRate)
    try require("camera.fullScaleIntensity", fullScaleIntensity, 1e-9...1e9)
    try require("camera.bufferCount", bufferCount, 1...1024)
    try require("camera.automaticGain", automaticGain, 0...1)
    try require("camera.rowDelay", rowDelay, 0...1 / (frameRate * Double(height)))
  }
}

extension Misalignment {
  fileprivate func validate() throws {
    try require("misalignment.distance", distance, 0...1)
    for (name, interval) in [("beam", beam), ("mirror", mirror)] {
      try require("misalignment.\(name).maximum", interval.maximum, 0...1)
      try require("misalignment.\(name).minimum", interval.minimum, 0...interval.maximum)
    }
    guard let exact else { return }
    try require("misalignment.exact.distance", exact.distance, -100...100)
    let angles = [
      ("mirrorX", exact.mirrorX), ("mirrorY", exact.mirrorY), ("beamX", exact.beamX), ("beamY", exact.beamY),
    ]
    for (name, angle) in angles { try require("misalignment.exact.\(name)", angle, -1...1) }
  }
}

func require<Number: Comparable>(_ key: String, _ value: Number, _ range: ClosedRange<Number>) throws {
  guard range.contains(value) else {
    throw SimulatedError.invalid(
      key: key, value: "\(value)", accepted: "\(range.lowerBound)…\(range.upperBound)")
  }
}
