import Numerics
import Optics

/// A phase that belongs to a plane: a linear ramp in rad/m and Zernike aberrations in radians on the circle that
/// circumscribes the layer's square.
struct PlanePhase: Equatable, Sendable {
  var slopeX: Dependent = .zero
  var slopeY: Dependent = .zero
  /// By Noll index.
  var aberrations: [Int: Dependent] = [:]
}

/// The bench as the light meets it: an optional first hop, then layers, each with a phase of its plane and a hop behind it.
///
/// Both geometries take this form; a further geometry is one more function that returns it.
struct OpticalPath: Sendable {
  /// The hop from the input plane to the first layer; nil when the input is imaged on the first layer.
  var entry: Hop?
  /// The hop behind each layer.
  var hops: [Hop]
  /// The phase on each layer, besides what the modulator shows.
  var planes: [PlanePhase]
  /// The linear phases of the mirror alone, which counter-ramps need.
  var mirrorRamps: [PlanePhase]

  static func make(_ geometry: GeometryDescription, _ parameters: TwinParameters) -> OpticalPath {
    var path =
      switch geometry.kind {
      case .planes: planes(geometry, parameters)
      case .cavity: cavity(geometry, parameters)
      }
    path.place(geometry, parameters)
    return path
  }

  /// How well the canvas samples the hop that it samples worst.
  func sampling(_ geometry: GeometryDescription) -> SamplingReport {
    let plane = PlaneGrid(
      side: geometry.grid * geometry.sampling, pitch: geometry.pitch / Double(geometry.sampling))
    let reports = ([entry] + hops).compactMap(\.self).map { hop in
      FreeSpace(wavelength: geometry.wavelength, distance: hop.distance).sampling(
        of: plane, padding: geometry.padding, offset: hop.offset(wavelength: geometry.wavelength))
    }
    let worst = reports.max { abs($0.distance) / $0.criticalDistance < abs($1.distance) / $1.criticalDistance }
    return worst
      ?? FreeSpace(wavelength: geometry.wavelength, distance: 0).sampling(of: plane, padding: geometry.padding)
  }

  /// Input plane, layers and detector. The beam's tilt is a ramp on the first layer and, because the light already travels
  /// obliquely before it, part of the first hop.
  private static func planes(_ geometry: GeometryDescription, _ parameters: TwinParameters) -> OpticalPath {
    let spacing = parameters.dependent("spacing")
    let beam = Beam("beam", parameters, wavelength: geometry.wavelength)
    func hop(_ index: Int, _ tilt: Beam? = nil) -> Hop {
      Hop(legs: [
        Hop.Leg(
          distance: spacing + parameters.dependent("hop\(index)Distance"), tiltX: tilt?.fx ?? .zero,
          tiltY: tilt?.fy ?? .zero)
      ])
    }
    var planes = [PlanePhase](repeating: PlanePhase(), count: geometry.layers)
    planes[0] = beam.phase
    return OpticalPath(
      entry: hop(1, beam), hops: (1...geometry.layers).map { hop($0 + 1) }, planes: planes,
      mirrorRamps: [PlanePhase](repeating: PlanePhase(), count: geometry.layers))
  }

  /// The folded cavity of the paper (appendix A.1): modulator → mirror → modulator, `layers` reflections off the
  /// modulator. A hop is half a hop, the mirror's tilt, half a hop; that equals the tilt on the modulator plane followed by
  /// one transfer function H(f − f₀)·H(f), f₀ = −sin α/λ, so that one pair of transforms is enough. The last hop, to the
  /// detector, has the same length and no mirror tilt. The beam's tilt enters once, on the first layer.
  private static func cavity(_ geometry: GeometryDescription, _ parameters: TwinParameters) -> OpticalPath {
    let gap = parameters.dependent("mirrorGap")
    let beam = Beam("beam", parameters, wavelength: geometry.wavelength)
    let mirror = Beam("mirror", parameters, wavelength: geometry.wavelength)
    let last = geometry.layers - 1
    var planes = (0...last).map { $0 == last ? PlanePhase() : mirror.phase }
    let mirrorRamps = planes
    planes[0].slopeX += beam.phase.slopeX
    planes[0].slopeY += beam.phase.slopeY
    let hops = (0...last).map { layer in
      let more = parameters.dependent("hop\(layer + 1)Distance")
      return layer == last
        ? Hop(legs: [Hop.Leg(distance: 2 * gap + more)])
        : Hop(legs: [
          Hop.Leg(distance: gap + 0.5 * more, tiltX: -mirror.fx, tiltY: -mirror.fy),
          Hop.Leg(distance: gap + 0.5 * more),
        ])
    }
    return OpticalPath(entry: nil, hops: hops, planes: planes, mirrorRamps: mirrorRamps)
  }

  /// Puts every plane where it sits on the beam, and the relay's aberrations on the way to the detector.
  private mutating func place(_ geometry: GeometryDescription, _ parameters: TwinParameters) {
    let wavenumber = 2 * Double.pi / geometry.wavelength
    for layer in planes.indices {
      let name = "plane\(layer + 1)"
      planes[layer].slopeX += -wavenumber * Dependent.sin(parameters.dependent(name + "TiltX"))
      planes[layer].slopeY += -wavenumber * Dependent.sin(parameters.dependent(name + "TiltY"))
      planes[layer].aberrations = parameters.aberrations(name + "Zernike")
      let shiftX = parameters.dependent(name + "ShiftX")
      let shiftY = parameters.dependent(name + "ShiftY")
      guard shiftX.isPresent || shiftY.isPresent else { continue }
      // The input is imaged where the first layer should be: a hop without length takes it to where it is.
      var before = layer == 0 ? entry ?? Hop() : hops[layer - 1]
      before.shiftX += shiftX
      before.shiftY += shiftY
      if layer == 0 { entry = before } else { hops[layer - 1] = before }
      hops[layer].shiftX += -shiftX
      hops[layer].shiftY += -shiftY
    }
    hops[hops.count - 1].aberrations = parameters.aberrations("detectorZernike")
  }
}

/// A tilted beam or mirror, e^(−ik(x sin αx + y sin αy)): the frequency f₀ = −sin α/λ that it adds, and the ramp that it is.
private struct Beam {
  let fx: Dependent
  let fy: Dependent

  init(_ name: String, _ parameters: TwinParameters, wavelength: Double) {
    fx = (-1 / wavelength) * Dependent.sin(parameters.dependent(name + "TiltX"))
    fy = (-1 / wavelength) * Dependent.sin(parameters.dependent(name + "TiltY"))
  }

  var phase: PlanePhase { PlanePhase(slopeX: 2 * .pi * fx, slopeY: 2 * .pi * fy) }
}

extension TwinParameters {
  /// The aberrations that are there, by Noll index.
  func aberrations(_ name: String) -> [Int: Dependent] {
    var found: [Int: Dependent] = [:]
    for index in ParameterCatalogue.zernikes {
      let coefficient = dependent("\(name)\(index)")
      if coefficient.isPresent { found[index] = coefficient }
    }
    return found
  }
}

extension SamplingReport {
  /// - Throws: ``TwinError/optics(_:)`` when the canvas undersamples a hop and neither the band limit nor the description
  ///   allows that.
  func validate(for geometry: GeometryDescription) throws(TwinError) {
    if isUndersampled, !geometry.bandLimit, !geometry.allowUndersampling { throw .optics(.undersampled(self)) }
  }
}

extension TwinDescription {
  /// How well the canvas samples the hop that it samples worst, without making a twin.
  ///
  /// - Throws: ``TwinError`` when no bench can look like this.
  public func sampling(_ parameters: TwinParameters) throws(TwinError) -> SamplingReport {
    try validate()
    try parameters.validate(for: self)
    _ = try Detector<Float>(detector, variables: DetectorVariables(parameters), block: nil, geometry: geometry)
    let report = OpticalPath.make(geometry, parameters).sampling(geometry)
    try report.validate(for: geometry)
    return report
  }
}
