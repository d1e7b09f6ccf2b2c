import Foundation

/// The hidden optics of the simulated bench: scalar diffraction in float64 on a fine grid, by the exact angular spectrum
/// with the mirror in its true place between two half hops. It shares no code with the twin.
///
/// Conventions: e^(−iωt), carrier removed, a layer multiplies by e^(iφ), a tilt by exp(−ik(x sin α + y sin β)). The beam's
/// tilt enters once, with the input; the mirror's in the middle of each hop of a cavity but the last, to the camera.
public final class Plant: Sendable {
  public let grid: PlantGrid
  public let kind: SimulatedOptics.Kind
  public let alignment: Alignment

  private let lines: LineTransform
  /// Transfer function of `distance`, and of the last hop of a cavity, with the normalisation of the transforms. Both
  /// are symmetric in rows and columns, so that one line serves a row or a column.
  private let gap: [Complex]
  private let lastHop: [Complex]
  /// The mirror's phase factors along x and y of the canvas.
  private let mirrorX: [Complex]
  private let mirrorY: [Complex]
  /// The beam's phase factors on the patch.
  private let beam: [Complex]

  /// - Parameters:
  ///   - optics: the nominal optics; its distance is replaced by that of `alignment`.
  ///   - canvas: width of the canvas in layer samples; wide enough for the light that leaves the patch when nil.
  /// - Throws: ``SimulatedError`` for numbers that make no sense.
  public init(optics: SimulatedOptics, alignment: Alignment, sampling: Int = 2, canvas: Int? = nil) throws {
    try optics.validate()
    guard (1...8).contains(sampling) else {
      throw SimulatedError.invalid(key: "sampling", value: "\(sampling)", accepted: "1…8")
    }
    let width = canvas ?? optics.defaultCanvas
    guard (optics.grid...16 * optics.grid).contains(width) else {
      throw SimulatedError.invalid(key: "canvas", value: "\(width)", accepted: "at least the grid, \(optics.grid)")
    }
    let grid = PlantGrid(grid: optics.grid, canvas: width, sampling: sampling, pitch: optics.pitch)
    self.grid = grid
    self.alignment = alignment
    kind = optics.kind
    lines = try LineTransform(length: grid.side)
    let wavenumber = 2 * Double.pi / optics.wavelength
    gap = Plant.transfer(grid, wavenumber: wavenumber, distance: alignment.distance)
    lastHop =
      optics.kind == .planes ? gap : Plant.transfer(grid, wavenumber: wavenumber, distance: 2 * alignment.distance)
    mirrorX = Plant.tilt(grid, 0..<grid.side, wavenumber * sin(alignment.mirrorX))
    mirrorY = Plant.tilt(grid, 0..<grid.side, wavenumber * sin(alignment.mirrorY))
    let beamX = Plant.tilt(grid, grid.patch, wavenumber * sin(alignment.beamX))
    let beamY = Plant.tilt(grid, grid.patch, wavenumber * sin(alignment.beamY))
    beam = beamY.flatMap { y in beamX.map { x in product(x, y) } }
  }

  // MARK: - Factors

  /// exp(iz(kz − k))/side², zero where evanescent.
  private static func transfer(_ grid: PlantGrid, wavenumber k: Double, distance: Double) -> [Complex] {
    let side = grid.side
    let squares = (0..<side).map { pow(grid.angularFrequency($0), 2) }
    let scale = 1 / Double(side * side)
    var factors = [Complex](repeating: .zero, count: side * side)
    for y in 0..<side {
      for x in 0..<side {
        let transverse = squares[y] + squares[x]
        guard transverse < k * k else { continue }
        // k − kz without the cancellation.
        let phase = -distance * transverse / (k + (k * k - transverse).squareRoot())
        factors[y * side + x] = scale * Complex(cos(phase), sin(phase))
      }
    }
    return factors
  }

  private static func tilt(_ grid: PlantGrid, _ samples: Range<Int>, _ slope: Double) -> [Complex] {
    samples.map { Complex(cos(slope * grid.position($0)), -sin(slope * grid.position($0))) }
  }

  // MARK: - Light

  /// The intensity on the camera plane, averaged over each layer sample of the canvas, `[canvas, canvas]` row-major.
  ///
  /// - Parameters:
  ///   - input: the field on the input plane on the patch's plant samples, real and imaginary part,
  ///     `[patchSide, patchSide]`.
  ///   - layers: the complex transmission of each layer in the same form.
  /// - Precondition: every array has patchSide² numbers.
  public func intensity(input: [SIMD2<Double>], layers: [[SIMD2<Double>]]) -> [Double] {
    let size = grid.patchSide * grid.patchSide
    precondition(input.count == size && layers.allSatisfy { $0.count == size }, "a patch needs patchSide² numbers")
    let light = PlaneOfLight(grid: grid, lines: lines)
    // The beam's tilt is a property of the light that comes in, so it enters once.
    switch kind {
    case .cavity:
      light.enter(input, times: [beam] + layers.prefix(1))
      for layer in layers.dropFirst() { bounce(light, to: layer) }
    case .planes:
      light.enter(input, times: [beam])
      for layer in layers {
        light.filterColumns(from: grid.patch, to: grid.patch, by: gap)
        light.cross(layer)
      }
    }
    light.filterColumns(from: grid.patch, to: 0..<grid.side, by: lastHop)
    return light.detect()
  }

  /// From one layer by way of the mirror to the next.
  private func bounce(_ light: PlaneOfLight, to layer: [Complex]) {
    light.filterColumns(from: grid.patch, to: 0..<grid.side, by: gap, then: mirrorY)
    light.multiplyRows(by: mirrorX)
    light.filterColumns(from: 0..<grid.side, to: grid.patch, by: gap)
    light.cross(layer)
  }
}
