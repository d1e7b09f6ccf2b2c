import Foundation

/// The transfer functions of the stretches of free space, with the normalisation of the transforms: for each x of the
/// spectrum a line along y.
struct FreeSpaceHops: Sendable {
  /// Of each hop but the last; of a cavity from modulator to mirror and again from mirror to modulator.
  let hops: [[Complex]]
  /// Of the last hop, to the camera, with the aberration of the relay.
  let last: [Complex]

  /// - Throws: ``SimulatedError/invalid(key:value:accepted:)`` when there is not one deviation for each hop.
  init(optics: SimulatedOptics, grid: PlantGrid, distance: Double, light: LightPath) throws {
    let count = optics.hops
    guard light.hops.isEmpty || light.hops.count == count else {
      throw SimulatedError.invalid(key: "hops", value: "\(light.hops.count) values", accepted: "\(count) values")
    }
    let deviations = light.hops.isEmpty ? [Double](repeating: 0, count: count) : light.hops
    let wavenumber = 2 * Double.pi / optics.wavelength
    var known: [Double: [Complex]] = [:]
    func transfer(_ distance: Double) -> [Complex] {
      if let transfer = known[distance] { return transfer }
      let transfer = FreeSpaceHops.transfer(grid, wavenumber: wavenumber, distance: distance)
      known[distance] = transfer
      return transfer
    }
    let share = optics.kind == .cavity ? 0.5 : 1
    hops = deviations.dropLast().map { transfer(distance + share * $0) }
    let whole = transfer((optics.kind == .cavity ? 2 * distance : distance) + (deviations.last ?? 0))
    last = FreeSpaceHops.aberrate(whole, grid, light.relayAberration)
  }

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

  private static func aberrate(_ transfer: [Complex], _ grid: PlantGrid, _ coefficients: [Double]) -> [Complex] {
    guard coefficients.contains(where: { $0 != 0 }) else { return transfer }
    let phase = NollZernike.sum(coefficients)
    let frequencies = (0..<grid.side).map { grid.angularFrequency($0) * grid.pitch / .pi }
    var factors = transfer
    for x in 0..<grid.side {
      for y in 0..<grid.side where factors[x * grid.side + y] != .zero {
        let angle = phase(frequencies[x], frequencies[y])
        factors[x * grid.side + y] = product(factors[x * grid.side + y], Complex(cos(angle), sin(angle)))
      }
    }
    return factors
  }
}
