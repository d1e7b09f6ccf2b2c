/// Every parameter that a bench can have. A further one is a line here and its effect in ``OpticalPath`` or an element; bench
/// files, fits, refinement and gradients then know it by its name.
struct ParameterCatalogue {
  private(set) var parameters: [TwinParameter] = []
  /// Values with which light is still light: beyond them intensities are negative or not finite, whatever the bounds say.
  private(set) var possible: [String: ClosedRange<Double>] = [:]
  /// What each of them does, for people.
  private(set) var meanings: [String: String] = [:]

  /// Noll indices of the aberrations: defocus, astigmatism, coma, trefoil, spherical. Piston has no effect, tilts are the
  /// beam's angles and the detector's shift.
  static let zernikes = 4...11
  /// Coefficients of the response's polynomial.
  static let responseOrder = 3
  /// Points between 0 and a turn at which the response is free.
  static let responseKnots = 15
  static let knots = (1...responseKnots).map { knot in
    TwinParameter(
      name: "responseKnot\(knot)", group: .modulator, value: 0, unit: "", scale: 0.01, prior: 0.02, minimum: -1,
      maximum: 1, neutral: 0, isFree: false)
  }

  /// What makes the crosstalk another one along x, along y and on the sides of a pixel.
  static let sides = ["Aspect", "SkewX", "SkewY"].map { kind in
    TwinParameter(
      name: "crosstalk\(kind)", group: .modulator, value: 0, unit: "", scale: 0.05, prior: 0.2, minimum: -0.8,
      maximum: 0.8, neutral: 0, isFree: false)
  }
  private static let meaningsOfSides = [
    "the crosstalk is (1 + aspect) times as wide along x, (1 − aspect) times along y",
    "and (1 + skew) times as wide towards larger x, (1 − skew) times towards smaller x, with its centre of mass in place",
    "the same along y",
  ]
  /// What was added behind a parameter after there were files.
  static let additions = [("response\(responseOrder)", knots), ("crosstalk", sides)]

  init(_ description: TwinDescription) {
    self.init(
      description.geometry, regions: description.modulator.regions, repeatsInput: description.input.repeatsInput)
  }

  init(_ geometry: GeometryDescription, regions: Int = 0, repeatsInput: Bool = false) {
    alignment(geometry)
    for hop in 1...geometry.hops {
      length(
        "hop\(hop)Distance", .distances, prior: 100e-6, limit: 2e-3,
        "extra length of one hop: the hop after each layer; in `planes`, the first one lies before the first layer")
    }
    for plane in 1...geometry.layers { self.plane(plane, regions: regions) }
    modulator()
    source()
    aberrations("modulatorZernike", .source, "aberration of the light on the input, by Noll index")
    aberrations(
      "detectorZernike", .relay, limit: 3,
      "aberration of the imaging to the detector, by Noll index, on the pupil 1/(2·pitch)")
    detector(geometry)
    if repeatsInput {
      // As the encoding `phase` has it: the value 1 is half a turn.
      add(
        TwinParameter(
          name: "repeatScale", group: .input, value: .pi, unit: "rad", scale: 0.05, prior: 0.5, minimum: -20,
          maximum: 20, neutral: 0, isFree: false), "phase of the value 1 with `input.repeat`; starts at π",
        possible: Self.phases)
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
      add(distance("spacing"), "`planes`: the distance of `geometry`")
    case .cavity:
      add(distance("mirrorGap"), "`cavity`: the distance of `geometry`")
      for axis in Self.axes { add(angle("mirrorTilt\(axis)"), "`cavity`: twice the mirror's tilt") }
    }
    for axis in Self.axes { add(angle("beamTilt\(axis)"), "the beam's angle") }
  }

  /// How one layer sits on the beam, and how flat it is.
  private mutating func plane(_ plane: Int, regions: Int) {
    let name = "plane\(plane)"
    for axis in Self.axes {
      length("\(name)Shift\(axis)", .placement, prior: 10e-6, limit: 500e-6, "lateral offset of a layer from the beam")
    }
    for axis in Self.axes {
      number(
        "\(name)Tilt\(axis)", .placement, unit: "rad", scale: 1e-4, prior: 1e-4, neutral: 0, range: -6e-3...6e-3,
        "the angle by which a layer deflects the light")
    }
    number(
      "\(name)Rotation", .placement, unit: "rad", scale: 1e-3, prior: 2e-3, neutral: 0, range: -0.1...0.1,
      "rotation of a layer in its plane")
    number(
      "\(name)Scale", .placement, unit: "", scale: 1e-3, prior: 2e-3, neutral: 1, range: 0.9...1.1,
      "magnification of a layer")
    aberrations(
      "\(name)Zernike", .flatness, "departure from flatness of a layer, by Noll index, on the circle around it")
    for region in 0..<regions * regions {
      number(
        "\(name)Response\(region + 1)", .modulator, unit: "", scale: 0.02, prior: 0.03, neutral: 0, range: -0.5...0.5,
        "with `modulator.regions`: the slope of the response of each region", possible: Self.responses)
    }
  }

  private mutating func modulator() {
    for order in 1...Self.responseOrder {
      number(
        "response\(order)", .modulator, unit: "", scale: 0.02, prior: 0.1, neutral: 0, range: -1...1,
        "the phase 2π(u + r₁u + r₂u(1−u) + r₃u(1−u)(1−2u)) that is shown for u of a turn", possible: Self.responses)
    }
    for knot in Self.knots {
      add(
        knot, "what the response differs from that at u = 1/16 … 15/16, in turns, with straight lines between",
        possible: Self.responses)
    }
    number(
      "crosstalk", .modulator, unit: "m", scale: 1e-6, prior: 5e-6, neutral: 0, range: 0...50e-6,
      "standard deviation of the mixing of neighbouring pixels' phases", possible: 0...1)
    for (parameter, meaning) in zip(Self.sides, Self.meaningsOfSides) { add(parameter, meaning, possible: -0.9...0.9) }
    number(
      "fillFactor", .modulator, unit: "", scale: 0.02, prior: 0.05, neutral: 1, range: 0.2...1,
      "the part of a pixel that is modulated", possible: 0...1)
    number(
      "zeroOrderPhase", .modulator, unit: "rad", scale: 0.2, prior: 3, neutral: 0, range: -7...7,
      "the phase of the rest",
      possible: Self.phases)
  }

  private mutating func source() {
    number(
      "power", .source, unit: "", scale: 0.02, prior: 0.1, neutral: 1, range: 1e-6...1e6, "the power of the light",
      possible: Self.factors)
    for (name, letter) in [("Curvature", "c"), ("SlopeX", "a"), ("SlopeY", "b")] {
      number(
        "illumination" + name, .source, unit: "", scale: 0.05, prior: 0.3, neutral: 0, range: -2...2,
        "\(letter) of the amplitude exp(−(c·ρ² + a·ξ + b·η)), with ξ, η = ±1 at the layer's edges", possible: -20...20)
    }
  }

  private mutating func detector(_ geometry: GeometryDescription) {
    registration(geometry)
    number(
      "pointSpread", .detector, unit: "m", scale: geometry.pitch / 10, prior: geometry.pitch / 2, neutral: 0,
      range: 0...10 * geometry.pitch, "standard deviation of the detector's blur", possible: 0...1)
    number(
      "gain", .detector, unit: "", scale: 0.02, prior: 0.5, neutral: 1, range: 1e-9...1e9, "output by intensity",
      possible: Self.factors)
    number(
      "exposure", .detector, unit: "", scale: 0.02, prior: 0.1, neutral: 1, range: 1e-6...1e6,
      "exposure, as a factor of the output", possible: Self.factors)
    number(
      "offset", .detector, unit: "", scale: 0.01, prior: 0.1, neutral: 0, range: -1e9...1e9, "the output in the dark")
  }

  /// The homography from the output plane to the detector.
  private mutating func registration(_ geometry: GeometryDescription) {
    for axis in Self.axes {
      length(
        "detectorShift\(axis)", .registration, prior: geometry.pitch, limit: 20 * geometry.pitch,
        scale: geometry.pitch / 10, "the point of the output plane that the detector's centre sees")
    }
    number(
      "detectorRotation", .registration, unit: "rad", scale: 1e-3, prior: 5e-3, neutral: 0, range: -0.8...0.8,
      "rotation of the detector in its plane")
    number(
      "detectorScale", .registration, unit: "", scale: 1e-3, prior: 5e-3, neutral: 1, range: 0.1...10,
      "scale of the detector's samples on the output plane")
    number(
      "detectorAspect", .registration, unit: "", scale: 1e-3, prior: 5e-3, neutral: 1, range: 0.5...2,
      "scale along x over scale along y")
    number(
      "detectorShear", .registration, unit: "", scale: 1e-3, prior: 5e-3, neutral: 0, range: -0.2...0.2,
      "how far x moves with y")
    let side = geometry.pitch * Double(geometry.grid)
    for axis in Self.axes {
      number(
        "detectorKeystone\(axis)", .registration, unit: "1/m", scale: 1e-3 / side, prior: 5e-3 / side, neutral: 0,
        range: -0.2 / side...0.2 / side, "the rest of the homography")
    }
  }

  private mutating func aberrations(
    _ name: String, _ group: TwinParameter.Group, limit: Double = 20, _ meaning: String
  ) {
    for index in Self.zernikes {
      number(
        "\(name)\(index)", group, unit: "rad", scale: 0.1, prior: 0.5, neutral: 0, range: -limit...limit, meaning,
        possible: Self.phases)
    }
  }

  private mutating func length(
    _ name: String, _ group: TwinParameter.Group, prior: Double, limit: Double, scale: Double = 1e-6, _ meaning: String
  ) {
    number(name, group, unit: "m", scale: scale, prior: prior, neutral: 0, range: -limit...limit, meaning)
  }

  private mutating func number(
    _ name: String, _ group: TwinParameter.Group, unit: String, scale: Double, prior: Double, neutral: Double,
    range: ClosedRange<Double>, _ meaning: String, possible: ClosedRange<Double> = anything
  ) {
    add(
      TwinParameter(
        name: name, group: group, value: neutral, unit: unit, scale: scale, prior: prior, minimum: range.lowerBound,
        maximum: range.upperBound, neutral: neutral, isFree: false), meaning, possible: possible)
  }

  private mutating func add(
    _ parameter: TwinParameter, _ meaning: String, possible range: ClosedRange<Double> = anything
  ) {
    parameters.append(parameter)
    possible[parameter.name] = range
    meanings[parameter.name] = meaning
  }

  private static let axes = ["X", "Y"]
  private static let anything = -1e12...1e12
  private static let phases = -1e3...1e3
  private static let responses = -10.0...10
  private static let factors = 1e-12...1e12
}
