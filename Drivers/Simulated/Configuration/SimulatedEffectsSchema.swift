import Arrays
import StrictYAML

/// What is wrong with the hidden plant besides its alignment. What is left out is absent and costs nothing.
extension SimulatedSchema {
  // MARK: - Layers

  static var layers: Schema<LayerMisplacement> {
    Schema(LayerMisplacement()) {
      Key(
        "shift", \.shift, .number(Quantity(0...0.01, unit: "metres", prefixes: [-6, -3])),
        "standard deviation of each layer's place along x and y (the twin's `plane1ShiftX`, …)")
      Key(
        "tilt", \.tilt, .number(.magnitude), "of the angle by which a layer deflects the light (`plane1TiltX`, …)")
      Key("rotation", \.rotation, .number(.magnitude), "of its rotation from x towards y (`plane1Rotation`)")
      Key("scale", \.scale, .number(Quantity(0...0.1)), "of its magnification (`plane1Scale`)")
      Key("distance", \.distance, .number(.deviation), "of the extra length of each hop (`hop1Distance`)")
      Key("exact", \.exact, .list(of: placement), "one entry for each layer, instead of random values")
      Key(
        "exactHops", \.exactHops, .numbers(Quantity(-1...1, unit: "metres", prefixes: [-6, -3])),
        "one for each hop, instead of random values: after each layer; in `planes` also before the first")
      Key("flatness", \.flatness, aberration, "an aberration of each layer (`plane1Zernike4`, …)")
      Key(
        "exactFlatness", \.exactFlatness, .rows,
        "radians: the coefficients of each layer's aberration from Noll's index 4 on, instead of random or common ones")
      Key(
        "maps", \.maps, .rows,
        "radians: the phase of each layer free in form, on top of the rest: n × n coefficients as in `source.map`, or none"
      )
    }
  }

  static var placement: Schema<LayerPlacement> {
    Schema(.nominal) {
      Key("shiftX", \.shiftX, .number(.displacement), "place")
      Key("shiftY", \.shiftY, .number(.displacement), "the same along y")
      Key("tiltX", \.tiltX, .number(.angle), "angle by which the layer deflects the light")
      Key("tiltY", \.tiltY, .number(.angle), "the same along y")
      Key("rotation", \.rotation, .number(.angle), "from x towards y")
      Key("scale", \.scale, .number(Quantity(0.5...2)), "magnification")
    }
  }

  /// On the circle around the layer, or on the pupil.
  static var aberration: Schema<Aberration> {
    let coefficients = Form.numbers(Quantity(-100...100, unit: "radians")).refusing {
      $0.count > 64 ? "expected at most 64 coefficients, from Noll's 4 on" : nil
    }
    return Schema(Aberration()) {
      Key(
        "rms", \.rms, .number(.wavefront),
        "root mean square of Zernike polynomials with Noll's indices 4 to 11 and random coefficients")
      Key("exact", \.exact, coefficients, "their coefficients from index 4 on, instead of random ones")
      Key("roughness", \.roughness, .number(.wavefront), "root mean square of a random remainder")
      Key(
        "roughnessLength", \.roughnessLength, .number(Quantity(1e-7...1, unit: "metres", prefixes: [-6])),
        "over which the remainder varies")
    }
  }

  // MARK: - Modulator and source

  static var modulator: Schema<ModulatorImperfection> {
    let slope = Quantity(-2...2)
    let side = Quantity(-0.8...0.8)
    return Schema(.none) {
      Key(
        "slope", \.slope, .number(slope),
        "a of the phase 2π(u(1 + a) + q·u(1 − u) + b·sin(2πu)/2) shown for u of a turn (`response1`)")
      Key(
        "curve", \.curve, curve,
        "the phases shown at equally spaced u from 0 to 1, both included, in place of 2πu in that phase")
      Key("quadratic", \.quadratic, .number(slope), "q of that phase (`response2`)")
      Key("sine", \.sine, .number(slope), "b of that phase")
      Key(
        "regions", \.regions, .integer(1...64), "parts along each side of a layer, each with a slope of its own")
      Key(
        "regionalSlope", \.regionalSlope, .number(.fraction), "its standard deviation (`plane1Response1`, …)")
      Key(
        "exactRegionalSlopes", \.exactRegionalSlopes, .rows,
        "the slopes of each layer's parts, row by row, instead of random ones")
      Key(
        "fillFactor", \.fillFactor, .number(.fraction),
        "part of a panel pixel's area, a centred square, that is modulated; the rest reflects (`fillFactor`)")
      Key("deadPhase", \.deadPhase, .number(.phase), "with which the rest reflects (`zeroOrderPhase`)")
      Key(
        "crosstalk", \.crosstalk, .number(Quantity(0...1e-3, unit: "metres", prefixes: [-6])),
        "standard deviation of the mixing of the wrapped phase of panel pixels (`crosstalk`)")
      Key(
        "crosstalkAspect", \.crosstalkAspect, .number(side),
        "its width is (1 + aspect) times as large along x and (1 − aspect) times along y (`crosstalkAspect`)")
      Key(
        "crosstalkSkewX", \.crosstalkSkewX, .number(side),
        "and (1 + skew) times towards larger x, (1 − skew) times towards smaller x (`crosstalkSkewX`)")
      Key("crosstalkSkewY", \.crosstalkSkewY, .number(side), "the same along y (`crosstalkSkewY`)")
      Key(
        "crosstalkKernel", \.crosstalkKernel, .kernel(largest: 65),
        "weights on panel pixels, such as a fringing field's: rows of odd number and length, at most 65; divided by "
          + "their sum, which is at least a thousandth of their magnitudes'")
    }
  }

  static var source: Schema<SourceImperfection> {
    let coefficient = Quantity(-10...10)
    return Schema(.none) {
      Key(
        "curvature", \.curvature, .number(coefficient),
        "c of the amplitude exp(−(c·ρ² + a·ξ + b·η)), with ξ, η = ±1 at the layer's edges (`illuminationCurvature`)")
      Key("slopeX", \.slopeX, .number(coefficient), "a of that amplitude (`illuminationSlopeX`)")
      Key("slopeY", \.slopeY, .number(coefficient), "b of that amplitude (`illuminationSlopeY`)")
      Key("aberration", \.aberration, aberration, "an aberration of the light on the input (`modulatorZernike4`, …)")
      Key("map", \.map, .section(lightMap), "phase and amplitude free in form, on top of the rest")
    }
  }

  static var lightMap: Schema<LightMap> {
    let coefficients = Form.numbers(Quantity(-1e3...1e3))
    return Schema(LightMap()) {
      Key(
        required: "phase", \.phase, coefficients,
        "radians: n × n coefficients of a bicubic B-spline over the layer, row by row, with n in 4…512")
      Key(
        required: "logAmplitude", \.logAmplitude, coefficients, "as many for the natural logarithm of the amplitude")
    } check: { map, section in
      if let problem = map.problem { section.reject("phase", problem) }
    }
  }

  /// Of a response.
  static var curve: Form<[Double]> {
    .numbers(Quantity(-100...100, unit: "radians")).refusing {
      (2...4097).contains($0.count) ? nil : "expected 2…4097 phases"
    }
  }

  static var repeatedInput: Schema<RepeatedInput> {
    Schema(RepeatedInput(scale: 0)) {
      Key(
        required: "scale", \.scale, .number(.phase),
        "every layer after the first also has the phase scale·value (`repeatScale`)")
    }
  }

  // MARK: - Imaging

  static var imaging: Schema<ImagingImperfection> {
    let keystone = Quantity(-1e4...1e4, unit: "per metre")
    return Schema(.none) {
      Key(
        "shiftX", \.shiftX, .number(.displacement),
        "the point of the last plane that the centre of the camera sees (`detectorShiftX`)")
      Key("shiftY", \.shiftY, .number(.displacement), "the same along y (`detectorShiftY`)")
      Key(
        "rotation", \.rotation, .number(Quantity(-4...4, unit: "radians")), "from x towards y (`detectorRotation`)")
      Key(
        "scale", \.scale, .number(Quantity(0.1...10)),
        "length on the last plane of a unit length on the camera (`detectorScale`)")
      Key(
        "aspect", \.aspect, .number(Quantity(0.5...2)),
        "that scale along x over that along y, at equal area (`detectorAspect`)")
      Key(
        "keystoneX", \.keystoneX, .number(keystone),
        "the rest of the homography, at most 0.3 over the layer's width (`detectorKeystoneX`)")
      Key("keystoneY", \.keystoneY, .number(keystone), "the same along y (`detectorKeystoneY`)")
      Key(
        "pointSpread", \.pointSpread, .number(Quantity(0...1e-3, unit: "metres", prefixes: [-6])),
        "standard deviation of the blur of the intensity (`pointSpread`)")
      Key(
        "gain", \.gain, .number(Quantity(1e-6...1e6)),
        "part of the light that arrives; divided by `camera.fullScaleIntensity`, the twin's `gain`")
      Key("offset", \.offset, .number(Quantity(-1...1)), "level of a dark pixel, as part of full scale (`offset`)")
      Key(
        "orientation", \.orientation, .choice,
        "how the sensor's frames really show the plane, whatever the layout says; the region still begins at the "
          + "layout's `x` and `y`")
      Key(
        "aberration", \.aberration, aberration,
        "an aberration of the relay on the pupil 1/(2·pitch), without roughness (`detectorZernike4`, …)")
    } check: { imaging, section in
      if imaging.aberration.roughness > 0 { section.reject("aberration", "an imaging aberration has no roughness") }
    }
  }
}

extension Quantity {
  fileprivate static let displacement = Quantity(-0.01...0.01, unit: "metres", prefixes: [-6, -3])
  fileprivate static let wavefront = Quantity(0...100, unit: "radians")
}
