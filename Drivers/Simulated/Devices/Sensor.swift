import Arrays

/// The step from intensity to the numbers of a frame: exposure, laser power, shot noise, read noise, well and converter.
struct Sensor: Sendable {
  let settings: SimulatedSensor
  let noise: SensorNoise
  let laser: CounterRandom
  let pixels: CounterRandom
  /// Part of the light that arrives.
  let gain: Double
  /// The level of a dark pixel, a part of full scale.
  let offset: Double
  /// Nil when all pixels are alike.
  let map: PixelMap?

  init(
    settings: SimulatedSensor, noise: SensorNoise, defects: PixelDefects = .none, seed: UInt64, gain: Double = 1,
    offset: Double = 0
  ) {
    self.settings = settings
    self.noise = noise
    map =
      defects.isNone ? nil : PixelMap(defects, width: settings.width, height: settings.height, seed: seed)
    self.gain = gain
    self.offset = offset
    laser = CounterRandom(seed: seed).stream(named: "laser")
    pixels = CounterRandom(seed: seed).stream(named: "sensor")
  }

  /// The pixels of frame `index`, whose exposure starts at a time in seconds. Shot noise is Gaussian with the variance of the photo-electrons, which differs from
  /// Poisson's law only where the read noise covers it.
  func expose(
    _ intensity: [Float], frame index: UInt64, at start: Double = 0, exposure: Double, gain amplification: Double
  ) -> [UInt16] {
    let power = max(0, 1 + noise.laser * laser.normal(at: index)) * noise.swing(from: start, over: exposure)
    let electrons = noise.fullWell / settings.fullScaleIntensity * exposure / settings.exposure * power * gain
    let fullScale = Double((1 << settings.bits) - 1)
    let counts = amplification * fullScale / noise.fullWell
    let black = offset * fullScale
    let readVariance = noise.read * noise.read
    let shot = noise.shot ? 1.0 : 0.0
    if let map {
      return expose(intensity, by: map, electrons: electrons, counts: counts, black: black, fullScale, shot, index)
    }
    var normals = [Double](repeating: 0, count: intensity.count)
    if shot + readVariance > 0 { pixels.child(index).fillNormal(into: &normals) }
    return zip(intensity, normals).map { value, normal in
      let mean = Double(value) * electrons
      let charge = mean + (shot * mean + readVariance).squareRoot() * normal
      return UInt16(min(fullScale, max(0, min(charge, noise.fullWell) * counts + black)).rounded())
    }
  }

  /// The same for pixels that differ.
  private func expose(
    _ intensity: [Float], by map: PixelMap, electrons: Double, counts: Double, black: Double, _ fullScale: Double,
    _ shot: Double, _ index: UInt64
  ) -> [UInt16] {
    let readVariance = noise.read * noise.read
    var normals = [Double](repeating: 0, count: intensity.count)
    pixels.child(index).fillNormal(into: &normals)
    return intensity.indices.map { pixel in
      let mean = Double(intensity[pixel]) * electrons * map.response[pixel]
      let charge = mean + (shot * mean + readVariance).squareRoot() * normals[pixel]
      let level = black + map.dark[pixel] * fullScale
      return UInt16(min(fullScale, max(0, min(charge, noise.fullWell) * counts + level)).rounded())
    }
  }
}
