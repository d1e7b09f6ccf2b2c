import Devices
import Foundation

/// The hidden optics of the simulated bench: scalar diffraction in float64 on a fine grid, by the exact angular spectrum
/// with the mirror in its true place between two half hops. It shares no code with the twin.
///
/// Conventions: e^(−iωt), carrier removed, a layer multiplies by e^(iφ), a tilt by exp(−ik(x sin α + y sin β)). The beam's
/// tilt enters once, with the input; the mirror's in the middle of each hop of a cavity but the last, to the camera.
public final class Plant: Sendable {
  public let grid: PlantGrid
  public let kind: NominalOptics.Kind
  public let alignment: Alignment

  private let lines: LineTransform
  private let space: FreeSpaceHops
  /// The mirror's phase factors along x and y of the canvas.
  private let mirrorX: [Complex]
  private let mirrorY: [Complex]
  /// The light that comes in on the patch: the beam's phase factors, its profile and wavefront.
  private let beam: [Complex]

  /// - Parameters:
  ///   - optics: the nominal optics; its distance is replaced by that of `alignment`.
  ///   - canvas: width of the canvas in layer samples; wide enough for the light that leaves the patch when nil.
  ///   - light: what else is wrong with the light and its way.
  /// - Throws: ``SimulatedError`` for numbers that make no sense.
  public convenience init(
    optics: NominalOptics, alignment: Alignment, sampling: Int = 2, canvas: Int? = nil, light: LightPath = LightPath()
  ) throws {
    let grid = try Plant.grid(optics, sampling: sampling, canvas: canvas)
    try self.init(optics: optics, grid: grid, alignment: alignment, light: light)
  }

  /// - Parameter former: a plant of the same optics, whose transfer functions are taken over where they are the same.
  init(optics: NominalOptics, grid: PlantGrid, alignment: Alignment, light: LightPath, former: Plant? = nil) throws {
    self.grid = grid
    self.alignment = alignment
    kind = optics.kind
    lines = try former?.lines ?? LineTransform(length: grid.side)
    if let former, former.alignment.distance == alignment.distance {
      space = former.space
    } else {
      space = try FreeSpaceHops(optics: optics, grid: grid, distance: alignment.distance, light: light)
    }
    let wavenumber = 2 * Double.pi / optics.wavelength
    mirrorX = grid.tilt(0..<grid.side, wavenumber * sin(alignment.mirrorX))
    mirrorY = grid.tilt(0..<grid.side, wavenumber * sin(alignment.mirrorY))
    let beamX = grid.tilt(grid.patch, wavenumber * sin(alignment.beamX))
    let beamY = grid.tilt(grid.patch, wavenumber * sin(alignment.beamY))
    let tilt = beamY.flatMap { y in beamX.map { x in product(x, y) } }
    beam = light.source(grid).map { zip(tilt, $0).map { product($0, $1) } } ?? tilt
  }

  static func grid(_ optics: NominalOptics, sampling: Int, canvas: Int?) throws -> PlantGrid {
    try optics.validate()
    guard (1...8).contains(sampling) else {
      throw SimulatedError.invalid(key: "sampling", value: "\(sampling)", accepted: "1…8")
    }
    let width = canvas ?? optics.defaultCanvas
    guard (optics.grid...16 * optics.grid).contains(width) else {
      throw SimulatedError.invalid(key: "canvas", value: "\(width)", accepted: "at least the grid, \(optics.grid)")
    }
    return PlantGrid(grid: optics.grid, canvas: width, sampling: sampling, pitch: optics.pitch)
  }

  // MARK: - Light

  /// The intensity on the camera plane, averaged over each layer sample of the canvas, `[canvas, canvas]` row-major.
  ///
  /// - Parameters:
  ///   - input: the field on the input plane on the patch's plant samples, real and imaginary part,
  ///     `[patchSide, patchSide]`.
  ///   - layers: the complex transmission of each layer in the same form.
  ///   - repeated: multiplies every layer behind the first, in the same form.
  /// - Precondition: every array has patchSide² numbers.
  public func intensity(
    input: [SIMD2<Double>], layers: [[SIMD2<Double>]], repeated: [SIMD2<Double>]? = nil
  ) -> [Double] {
    propagate(input, layers, repeated).detect()
  }

  /// The intensity at every plant sample of the canvas, `[side, side]` row-major, of the same.
  public func samples(
    input: [SIMD2<Double>], layers: [[SIMD2<Double>]], repeated: [SIMD2<Double>]? = nil
  ) -> [Double] {
    propagate(input, layers, repeated).detectSamples()
  }

  private func propagate(_ input: [Complex], _ layers: [[Complex]], _ repeated: [Complex]?) -> PlaneOfLight {
    let size = grid.patchSide * grid.patchSide
    precondition(
      input.count == size && (layers + (repeated.map { [$0] } ?? [])).allSatisfy { $0.count == size },
      "a patch needs patchSide² numbers")
    let light = PlaneOfLight(grid: grid, lines: lines)
    // The beam's tilt is a property of the light that comes in, so it enters once.
    switch kind {
    case .cavity:
      if let first = space.first, let layer = layers.first {
        light.enter(input, times: [beam])
        light.filterColumns(from: grid.patch, to: grid.patch, by: first)
        light.cross(layer)
      } else {
        light.enter(input, times: [beam] + layers.prefix(1))
      }
      for (index, layer) in layers.dropFirst().enumerated() { bounce(light, space.hops[index], to: layer, repeated) }
    case .planes:
      light.enter(input, times: [beam])
      for (index, layer) in layers.enumerated() {
        light.filterColumns(from: grid.patch, to: grid.patch, by: space.hops[index].arriving)
        light.cross(layer, times: index > 0 ? repeated : nil)
      }
    }
    light.filterColumns(from: grid.patch, to: 0..<grid.side, by: space.last)
    return light
  }

  /// From one layer by way of the mirror to the next.
  private func bounce(
    _ light: PlaneOfLight, _ hop: FreeSpaceHops.Hop, to layer: [Complex], _ repeated: [Complex]?
  ) {
    light.filterColumns(from: grid.patch, to: 0..<grid.side, by: hop.departing ?? hop.arriving, then: mirrorY)
    light.multiplyRows(by: mirrorX)
    light.filterColumns(from: 0..<grid.side, to: grid.patch, by: hop.arriving)
    light.cross(layer, times: repeated)
  }
}
