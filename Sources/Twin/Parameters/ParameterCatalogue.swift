/// Every parameter that a bench can have. A further one is a line here and its effect in ``OpticalPath`` or an element; bench
/// files, fits, refinement and gradients then know it by its name.
struct ParameterCatalogue {
  private(set) var parameters: [TwinParameter] = []
  /// Values with which light is still light: beyond them intensities are negative or not finite, whatever the bounds say.
  private(set) var possible: [String: ClosedRange<Double>] = [:]

  /// Noll indices of the aberrations: defocus, astigmatism, coma, trefoil, spherical. Piston has no effect, tilts are the
  /// beam's angles and the detector's shift.
  static let zernikes = 4...11
  /// Coefficients of the response's polynomial.
  static let responseOrder = 3

  init(_ description: TwinDescription) {
    self.init(
      description.geometry, regions: description.modulator.regions, repeatsInput: description.input.repeatsInput)
  }

  init(_ geometry: GeometryDescription, regions: Int = 0, repeatsInput: Bool = false) {
    alignment(geometry)
    for hop in 1...geometry.hops { length("hop\(hop)Distance", .distances, prior: 100e-6, limit: 2e-3) }
    for plane in 1...geometry.layers { self.plane(plane, regions: regions) }
    modulator()
    source()
    aberrations("modulatorZernike", .source)
    aberrations("detectorZernike", .relay, limit: 3)
    detector(geometry)
    if repeatsInput {
      // As the encoding `phase` has it: the value 1 is half a turn.
      add(
        TwinParameter(
          name: "repeatScale", group: .input, value: .pi, unit: "rad", scale: 0.05, prior: 0.5, minimum: -20,
          maximum: 20, neutral: 0, isFree: false), possible: Self.phases)
    }
  }

  /// The paper's five (appendix A.1), or spacing and beam of planes: free from the start. An angle is twice the physical tilt.
  private mutating func alignment(_ geometry: GeometryDescription) {
    func distance(_ name: String) -> TwinParameter {
      let prior = min(1e-3, abs(geometry.distance) / 10)
      return TwinParameter(
        name: name, value: geometry.distance, unit: "m", scale: 1e-4, prior: prior,
        minimum: geometry.distance - 3 * prior, maximum: geometry.distance + 3 * prior)
    }
    func angle(_ name: String) -> TwinParameter {
      TwinParameter(
        name: name, value: 0, unit: "rad", scale: 1e-4, prior: 3e-3, minimum: -6e-3, maximum: 6e-3, neutral: 0)
    }
    switch geometry.kind {
    case .planes:
      add(distance("spacing"))
    case .cavity:
      add(distance("mirrorGap"))
      add(angle("mirrorTiltX"))
      add(angle("mirrorTiltY"))
    }
    add(angle("beamTiltX"))
    add(angle("beamTiltY"))
  }

  /// How one layer sits on the beam, and how flat it is.
  private mutating func plane(_ plane: Int, regions: Int) {
    length("plane\(plane)ShiftX", .placement, prior: 10e-6, limit: 500e-6)
    length("plane\(plane)ShiftY", .placement, prior: 10e-6, limit: 500e-6)
    number("plane\(plane)TiltX", .placement, unit: "rad", scale: 1e-4, prior: 1e-4, neutral: 0, range: -6e-3...6e-3)
    number("plane\(plane)TiltY", .placement, unit: "rad", scale: 1e-4, prior: 1e-4, neutral: 0, range: -6e-3...6e-3)
    number("plane\(plane)Rotation", .placement, unit: "rad", scale: 1e-3, prior: 2e-3, neutral: 0, range: -0.1...0.1)
    number("plane\(plane)Scale", .placement, unit: "", scale: 1e-3, prior: 2e-3, neutral: 1, range: 0.9...1.1)
    aberrations("plane\(plane)Zernike", .flatness)
    for region in 0..<regions * regions {
      number(
        "plane\(plane)Response\(region + 1)", .modulator, unit: "", scale: 0.02, prior: 0.03, neutral: 0,
        range: -0.5...0.5, possible: Self.responses)
    }
  }

  private mutating func modulator() {
    for order in 1...Self.responseOrder {
      number(
        "response\(order)", .modulator, unit: "", scale: 0.02, prior: 0.1, neutral: 0, range: -1...1,
        possible: Self.responses)
    }
    number("crosstalk", .modulator, unit: "m", scale: 1e-6, prior: 5e-6, neutral: 0, range: 0...50e-6, possible: 0...1)
    number("fillFactor", .modulator, unit: "", scale: 0.02, prior: 0.05, neutral: 1, range: 0.2...1, possible: 0...1)
    number(
      "zeroOrderPhase", .modulator, unit: "rad", scale: 0.2, prior: 3, neutral: 0, range: -7...7, possible: Self.phases)
  }

  private mutating func source() {
    number("power", .source, unit: "", scale: 0.02, prior: 0.1, neutral: 1, range: 1e-6...1e6, possible: Self.factors)
    for name in ["illuminationCurvature", "illuminationSlopeX", "illuminationSlopeY"] {
      number(name, .source, unit: "", scale: 0.05, prior: 0.3, neutral: 0, range: -2...2, possible: -20...20)
    }
  }

  private mutating func detector(_ geometry: GeometryDescription) {
    length(
      "detectorShiftX", .registration, prior: geometry.pitch, limit: 20 * geometry.pitch, scale: geometry.pitch / 10)
    length(
      "detectorShiftY", .registration, prior: geometry.pitch, limit: 20 * geometry.pitch, scale: geometry.pitch / 10)
    number("detectorRotation", .registration, unit: "rad", scale: 1e-3, prior: 5e-3, neutral: 0, range: -0.2...0.2)
    number("detectorScale", .registration, unit: "", scale: 1e-3, prior: 5e-3, neutral: 1, range: 0.5...2)
    number("detectorAspect", .registration, unit: "", scale: 1e-3, prior: 5e-3, neutral: 1, range: 0.5...2)
    number("detectorShear", .registration, unit: "", scale: 1e-3, prior: 5e-3, neutral: 0, range: -0.2...0.2)
    let side = geometry.pitch * Double(geometry.grid)
    for name in ["detectorKeystoneX", "detectorKeystoneY"] {
      number(
        name, .registration, unit: "1/m", scale: 1e-3 / side, prior: 5e-3 / side, neutral: 0,
        range: -0.2 / side...0.2 / side)
    }
    number(
      "pointSpread", .detector, unit: "m", scale: geometry.pitch / 10, prior: geometry.pitch / 2, neutral: 0,
      range: 0...10 * geometry.pitch, possible: 0...1)
    number("gain", .detector, unit: "", scale: 0.02, prior: 0.5, neutral: 1, range: 1e-9...1e9, possible: Self.factors)
    number(
      "exposure", .detector, unit: "", scale: 0.02, prior: 0.1, neutral: 1, range: 1e-6...1e6, possible: Self.factors)
    number("offset", .detector, unit: "", scale: 0.01, prior: 0.1, neutral: 0, range: -1e9...1e9)
  }

  private mutating func aberrations(_ name: String, _ group: TwinParameter.Group, limit: Double = 20) {
    for index in Self.zernikes {
      number(
        "\(name)\(index)", group, unit: "rad", scale: 0.1, prior: 0.5, neutral: 0, range: -limit...limit,
        possible: Self.phases)
    }
  }

  private mutating func length(
    _ name: String, _ group: TwinParameter.Group, prior: Double, limit: Double, scale: Double = 1e-6
  ) {
    number(name, group, unit: "m", scale: scale, prior: prior, neutral: 0, range: -limit...limit)
  }

  private mutating func number(
    _ name: String, _ group: TwinParameter.Group, unit: String, scale: Double, prior: Double, neutral: Double,
    range: ClosedRange<Double>, possible: ClosedRange<Double> = anything
  ) {
    add(
      TwinParameter(
        name: name, group: group, value: neutral, unit: unit, scale: scale, prior: prior, minimum: range.lowerBound,
        maximum: range.upperBound, neutral: neutral, isFree: false), possible: possible)
  }

  private mutating func add(_ parameter: TwinParameter, possible range: ClosedRange<Double> = anything) {
    parameters.append(parameter)
    possible[parameter.name] = range
  }

  private static let anything = -1e12...1e12
  private static let phases = -1e3...1e3
  private static let responses = -10.0...10
  private static let factors = 1e-12...1e12
}
