import Devices
import Foundation

/// The transfer functions of the stretches of free space, with the normalisation of the transforms: for each x of the
/// spectrum a line along y.
///
/// A layer beside its place is met by light that is moved the other way before it and back behind it, by a phase over
/// frequency: its samples lie on the layer, wherever that is, and light is band-limited between them.
struct FreeSpaceHops: Sendable {
  /// A hop from one layer to the next. In a cavity it has the mirror in its middle.
  struct Hop: Sendable {
    /// From the layer behind it to the mirror; nil without a mirror.
    let departing: [Complex]?
    /// From the mirror, or the layer or input before it, to the layer in front of it.
    let arriving: [Complex]
  }

  /// What takes the input to the first layer of a cavity, on which it is imaged; nil when that lies in its place.
  let first: [Complex]?
  /// Each hop but the last.
  let hops: [Hop]
  /// Of the last hop, to the camera, with the aberration of the relay.
  let last: [Complex]

  /// - Throws: ``SimulatedError/invalid(key:value:accepted:)`` when there is not one deviation for each hop, or not one
  ///   shift for each layer.
  init(optics: NominalOptics, grid: PlantGrid, distance: Double, light: LightPath) throws {
    let count = optics.hops
    guard light.hops.isEmpty || light.hops.count == count else {
      throw SimulatedError.invalid(key: "hops", value: "\(light.hops.count) values", accepted: "\(count) values")
    }
    guard light.layerShifts.isEmpty || light.layerShifts.count == optics.layers else {
      throw SimulatedError.invalid(
        key: "layerShifts", value: "\(light.layerShifts.count) values", accepted: "\(optics.layers) values")
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
    let shifts = light.layerShifts
    let places = (0..<optics.layers).map { shifts.isEmpty ? .zero : grid.split(shifts[$0]).light }
    func moved(_ transfer: [Complex], by shift: SIMD2<Double>) -> [Complex] {
      FreeSpaceHops.move(transfer, grid, by: shift)
    }
    switch optics.kind {
    case .cavity:
      let one = 1 / Double(grid.side * grid.side)
      first =
        places[0] == .zero
        ? nil : moved([Complex](repeating: Complex(one, 0), count: grid.side * grid.side), by: places[0])
      hops = deviations.dropLast().enumerated().map { index, deviation in
        let half = transfer(distance + deviation / 2)
        return Hop(departing: moved(half, by: -places[index]), arriving: moved(half, by: places[index + 1]))
      }
    case .planes:
      first = nil
      hops = deviations.dropLast().enumerated().map { index, deviation in
        let former = index == 0 ? .zero : places[index - 1]
        return Hop(departing: nil, arriving: moved(transfer(distance + deviation), by: places[index] - former))
      }
    }
    let whole = transfer((optics.kind == .cavity ? 2 * distance : distance) + (deviations.last ?? 0))
    last = FreeSpaceHops.aberrate(moved(whole, by: -(places.last ?? .zero)), grid, light.relayAberration)
  }

  /// The transfer function of light that is then met by a plane `shift` metres beside its place.
  private static func move(_ transfer: [Complex], _ grid: PlantGrid, by shift: SIMD2<Double>) -> [Complex] {
    guard shift != .zero else { return transfer }
    let alongX = (0..<grid.side).map { phasor(grid.angularFrequency($0) * shift.x) }
    let alongY = (0..<grid.side).map { phasor(grid.angularFrequency($0) * shift.y) }
    var factors = transfer
    for x in 0..<grid.side {
      for y in 0..<grid.side {
        factors[x * grid.side + y] = product(factors[x * grid.side + y], product(alongX[x], alongY[y]))
      }
    }
    return factors
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
