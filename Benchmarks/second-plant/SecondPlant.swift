import Arrays
import Foundation

/// A folded cavity that shares no optics with the twin and none with the simulated bench: a transform of its own, half hops
/// and mirror one after the other, polynomials in x and y, a camera that looks between samples. What twin and plant agree on is
/// what the documents say, and nothing else; a mistake that both of the others make shows here.
///
/// Its layers sit where they should; what they show, and the light, may be wrong in more ways than the twin has parameters for.
public struct SecondPlant: Sendable {
  public let setup: Setup
  public let truth: Truth
  let plane: Plane

  public init(_ setup: Setup, _ truth: Truth) {
    self.setup = setup
    self.truth = truth
    plane = Plane(setup)
  }

  /// The light on each pixel of the camera, `[1, height, width]`, for the phases of the layers `[layers, grid, grid]` in radians
  /// and the amplitude of the input on the grid.
  public func frame(_ phases: Stack<Float>, amplitude: [Double]) -> Stack<Double> {
    var field = light(amplitude)
    let through = Fourier(plane.side)
    let half = plane.propagation(truth.gap)
    let mirror = plane.tilt(truth.mirrorX, truth.mirrorY, setup.wavelength)
    for layer in 0..<setup.layers {
      field.multiply(by: transmission(layer, phases))
      through.forward(&field)
      field.multiply(by: half)
      guard layer < setup.layers - 1 else { break }
      through.inverse(&field)
      field.multiply(by: mirror)
      through.forward(&field)
      field.multiply(by: half)
      through.inverse(&field)
    }
    // To the camera it is as far, without the mirror.
    field.multiply(by: half)
    field.multiply(by: plane.pupil(truth.relay))
    return look(at: field)
  }

  /// The field that falls on the first layer.
  private func light(_ amplitude: [Double]) -> Field {
    let wavefront = plane.wavefront(truth.source, truth.sourceRoughness, CounterRandom(seed: truth.seed))
    var field = Field(side: plane.side)
    plane.eachOfLayer { sample, x, y, pixel in
      let (xi, eta) = (x / plane.halfWidth, y / plane.halfWidth)
      let loss = truth.curvature * (xi * xi + eta * eta) + truth.slopeX * xi + truth.slopeY * eta
      let size = amplitude[pixel] * exp(-loss)
      field.re[sample] = size * cos(wavefront[sample])
      field.im[sample] = size * sin(wavefront[sample])
    }
    field.multiply(by: plane.tilt(truth.beamX, truth.beamY, setup.wavelength))
    return field
  }
}

/// What everybody knows about the bench.
public struct Setup: Sendable {
  public var wavelength: Double
  /// Of a layer's pixels, in metres.
  public var pitch: Double
  public var grid: Int
  public var layers: Int
  /// Samples of the plant along each side of a layer's pixel.
  public var sampling = 2
  /// The first pixel of a layer that the camera sees, the camera's pixels along each side, and the layer's pixels along each
  /// side of one of them.
  public var first: Int
  public var pixels: Int
  public var block: Int

  public init(
    wavelength: Double, pitch: Double, grid: Int, layers: Int, first: Int, pixels: Int, block: Int
  ) {
    self.wavelength = wavelength
    self.pitch = pitch
    self.grid = grid
    self.layers = layers
    self.first = first
    self.pixels = pixels
    self.block = block
  }
}

/// What nobody knows. Angles in radians, lengths in metres.
public struct Truth: Sendable {
  public var gap: Double
  public var mirrorX = 0.0
  public var mirrorY = 0.0
  public var beamX = 0.0
  public var beamY = 0.0
  /// With u = phase/2π the layers show 2π(u + slope·u + bow·u(1 − u) + cubic·u(1 − u)(1 − 2u) + sine·sin(2πu)/2).
  public var slope = 0.0
  public var bow = 0.0
  public var cubic = 0.0
  public var sine = 0.0
  /// What the slope differs in the four quarters of each layer, row by row.
  public var quarters: [[Double]] = []
  /// Standard deviation of the Gaussian with which the phases of neighbours run together.
  public var crosstalk = 0.0
  public var fill = 1.0
  public var deadPhase = 0.0
  public var curvature = 0.0
  public var slopeX = 0.0
  public var slopeY = 0.0
  /// Zernike coefficients from Noll's index 4 to 11 on the circle around a layer, and in the relay's pupil.
  public var source = [Double](repeating: 0, count: 8)
  public var relay = [Double](repeating: 0, count: 8)
  public var flatness: [[Double]] = []
  /// Root mean square of a random rest of the wavefront and of each layer, in radians.
  public var sourceRoughness = 0.0
  public var roughness = 0.0
  public var cameraX = 0.0
  public var cameraY = 0.0
  public var rotation = 0.0
  public var scale = 1.0
  public var keystoneX = 0.0
  public var keystoneY = 0.0
  public var pointSpread = 0.0
  public var seed: UInt64 = 1

  public init(gap: Double) { self.gap = gap }
}

extension Truth {
  /// The values that the twin has parameters for, by its names. A sine is none of them, nor what comes of it.
  public func names(layers: Int) -> [String: Double] {
    var names = [
      "mirrorGap": gap, "mirrorTiltX": mirrorX, "mirrorTiltY": mirrorY, "beamTiltX": beamX, "beamTiltY": beamY,
      "response1": slope, "response2": bow, "crosstalk": crosstalk, "fillFactor": fill, "zeroOrderPhase": deadPhase,
      "illuminationCurvature": curvature, "illuminationSlopeX": slopeX, "illuminationSlopeY": slopeY,
      "detectorShiftX": cameraX, "detectorShiftY": cameraY, "detectorRotation": rotation, "detectorScale": scale,
      "detectorKeystoneX": keystoneX, "detectorKeystoneY": keystoneY, "pointSpread": pointSpread, "offset": 0,
    ]
    if sine == 0 { names["response3"] = cubic }
    for (index, value) in source.enumerated() { names["modulatorZernike\(4 + index)"] = value }
    for (index, value) in relay.enumerated() { names["detectorZernike\(4 + index)"] = value }
    for layer in 1...layers {
      names["hop\(layer)Distance"] = 0
      for key in ["ShiftX", "ShiftY", "TiltX", "TiltY", "Rotation"] { names["plane\(layer)\(key)"] = 0 }
      names["plane\(layer)Scale"] = 1
      let flatness = flatness.isEmpty ? [Double](repeating: 0, count: 8) : flatness[layer - 1]
      for (index, value) in flatness.enumerated() { names["plane\(layer)Zernike\(4 + index)"] = value }
      for (index, value) in (quarters.isEmpty ? [] : quarters[layer - 1]).enumerated() {
        names["plane\(layer)Response\(index + 1)"] = value
      }
    }
    return names
  }
}
