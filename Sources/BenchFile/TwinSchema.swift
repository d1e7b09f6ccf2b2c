import Arrays
import StrictYAML
import Twin

/// The sections of a bench file that the twin needs.
enum TwinSchema {
  // MARK: - Geometry

  struct Geometry: Sendable {
    var kind: GeometryDescription.Kind?
    /// `spacing` or `mirrorGap`.
    var distance: Double?
    var description = GeometryDescription(kind: .planes, wavelength: 0, pitch: 0, grid: 0, layers: 0, distance: 0)
  }

  static var geometry: Schema<Geometry> {
    Schema(Geometry()) {
      Key(
        required: "kind", \.kind, .choice,
        "free space between layers; or one modulator used several times through a parallel mirror")
      Key(required: "wavelength", \.description.wavelength, .number(.wavelength), "in vacuum")
      Key(required: "pitch", \.description.pitch, .number(.pitch), "between two samples of a layer")
      Key(required: "grid", \.description.grid, .integer(8...8192), "samples along each side of a layer")
      Key(required: "layers", \.description.layers, .integer(1...64), "phase layers")
      Key("spacing", \.distance, .number(.distance), "`planes` needs it: every gap, first and last included")
        .refused("`cavity` has no spacing; give `mirrorGap`", if: { $0.kind == .cavity })
      Key(
        "mirrorGap", \.distance, .number(.mirrorGap), "`cavity` needs it: modulator to mirror; a hop is twice as long"
      )
      .refused("`planes` has no mirror; give `spacing`", if: { $0.kind == .planes })
      Key(
        "padding", \.description.padding, .number(Quantity(1...8)), "width of the computed plane in units of the grid"
      )
      Key(
        "sampling", \.description.sampling, .integer(1...8),
        "samples of the computation along each side of a layer sample")
      Key("bandLimit", \.description.bandLimit, .flag, "cut what the padded plane undersamples")
      Key(
        "allowUndersampling", \.description.allowUndersampling, .flag,
        "with the band limit off, compute even if the padded plane undersamples a hop; otherwise an error")
      Key(
        "engine", \.description.engine, .choice,
        "which engine computes the propagation: the fastest for this machine and size, or the one named")
    }
  }

  // MARK: - Input and source

  static var input: Schema<InputDescription> {
    Schema(InputDescription(size: 0, block: 0)) {
      Key(required: "size", \.size, .integer(1...4096), "pixels along each side of an image")
      Key(
        required: "block", \.block, .integer(1...4096),
        "samples along each side of one image pixel; `size`·`block` at most `grid`")
      Key(
        "encoding", \.encoding, .choice,
        "the value is the real amplitude; the intensity; π·value is the phase at unit amplitude; or the fraction of a "
          + "pixel's mirrors that are on")
      Key(
        "levels", \.levels, .integer(2...65536),
        "distinct values of the input modulator, equally spaced in 0…1; others are rounded to the nearest, halves up. "
          + "Without it continuous, or with `layout`, `input.fullLevel` + 1 where that is below 256")
      Key(
        "repeat", \.repeatsInput, .flag,
        "the image is also added to every layer after the first, as the phase `repeatScale`·value")
    }
  }

  struct Source: Sendable {
    /// The name of a file.
    var amplitude: String?
  }

  static var source: Schema<Source> {
    Schema(Source()) {
      Key(
        required: "amplitude", \.amplitude, .text,
        "a `.npy` file beside the bench file, `[grid, grid]`, not negative: the measured amplitude")
    }
  }

  // MARK: - Modulator

  /// What the values of a measured response belong to.
  enum ResponseSpan: String, CaseIterable, Sendable {
    /// Commands from 0 to 2π, both included.
    case turn
    /// Each level of a turn: value k to the command 2πk/n, so that the one at 2π is not among them.
    case levels
  }

  struct Modulator: Sendable {
    var description = PhaseModulatorDescription()
    var responseSpan: ResponseSpan?
    var roughness: LayerRoughness?
  }

  static var modulator: Schema<Modulator> {
    Schema(Modulator()) {
      Key(
        "levels", \.description.levels, .integer(2...65536),
        "distinct phases in one turn; without it continuous, or with `layout`, `layers.levelsPerTurn` where that is "
          + "below 256")
      Key(
        "response", \.description.response, .numbers(Quantity(-1e6...1e6, unit: "radians")),
        "the measured phase at equally spaced commands from 0 to 2π, both included; without it linear")
      Key(
        "responseSpan", \.responseSpan, .choice,
        "`levels`: the response has one value for each level of a turn instead, value k at k/n of it; without it "
          + "`turn`")
      Key(
        "regions", \.description.regions, .integer(0...8),
        "`regions`² parts of each layer, each with its own slope of the response")
      Key(
        "crosstalkKernel", \.description.crosstalkKernel, .kernel(),
        "how the phases of neighbouring pixels mix: rows of odd number and length")
      Key(
        "roughness", \.roughness, .section(roughness),
        "what is believed of each layer's phase beyond its polynomials, of which `calibrate source` makes a map; without it "
          + "0.1 rad over a twelfth of the layer's width")
    }
  }

  static var roughness: Schema<LayerRoughness> {
    Schema(LayerRoughness(rms: 0, length: 0)) {
      Key(required: "rms", \.rms, .number(Quantity(1e-6...100, unit: "radians")), "root mean square")
      Key(
        required: "length", \.length, .number(Quantity(1e-7...1, unit: "metres", prefixes: [-6, -3])),
        "over which the correlation falls to 0.61")
    }
  }

  // MARK: - Detector

  static var detector: Schema<DetectorDescription> {
    let level = Quantity(1e-12...1e12)
    return Schema(DetectorDescription(block: 1)) {
      Key("block", \.block, .integer(1...4096), "samples along each side of a detector sample; divides the region")
      Key(
        "region", \.region, .section(region),
        "samples of the grid that are seen, which lie inside the grid; without it the whole grid")
      Key("saturation", \.saturation, .number(level), "the output at which a sample clips; without it none")
      Key("bits", \.bits, .integer(1...24), "bits of the converter; needs `fullScale`; without it continuous")
      Key("fullScale", \.fullScale, .number(level), "the output of the converter's largest code")
    } check: { detector, section in
      if detector.bits != nil, !section.has("fullScale") {
        section.reject("bits", "needs `fullScale`, the output of the largest code")
      }
    }
  }

  static var region: Schema<Region> {
    Schema(Region(x: 0, y: 0, width: 0, height: 0)) {
      Key(required: "x", \.x, .integer(0...65536), "of the top-left sample")
      Key(required: "y", \.y, .integer(0...65536), "the same along y")
      Key(required: "width", \.width, .integer(1...65536), "samples along x")
      Key(required: "height", \.height, .integer(1...65536), "samples along y")
    }
  }

  // MARK: - Parameters

  /// Where one parameter starts, and what is known of it.
  static func parameter(_ nominal: TwinParameter) -> Schema<TwinParameter> {
    let quantity = Quantity.of(nominal)
    let width = Quantity(
      1e-12...max(1e-12, quantity.range.upperBound), unit: quantity.unit, prefixes: quantity.prefixes)
    return Schema(nominal) {
      Key("start", \.value, .number(quantity), "where fits begin")
      Key(
        "prior", \.prior, .number(width),
        """
        standard deviation of what is known beforehand; in a fit it decides only what the frames leave open, and that of a \
        fixed parameter widens what the fit says of the others
        """)
      Key("scale", \.scale, .number(width), "natural step size of fits and optimisers")
      Key("minimum", \.minimum, .number(quantity), "lower bound; `start` lies between the bounds")
      Key("maximum", \.maximum, .number(quantity), "upper bound")
      Key(
        "free", \.isFree, .flag, "whether calibration, training and fits move it by default")
    }
  }
}

extension Quantity {
  /// What a parameter can be at all; its bounds may be narrower.
  fileprivate static func of(_ parameter: TwinParameter) -> Quantity {
    switch parameter.unit {
    case _ where parameter.name == "detectorRotation":
      Quantity(
        angle.range, unit: "radians", prefixes: angle.prefixes,
        remark: "quarter turns of the camera are layout.camera.orientation")
    case _ where parameter.name == "detectorAspect":
      Quantity(1e-3...1e3, remark: "a mirrored camera is layout.camera.orientation: mirrored")
    case "m" where parameter.neutral == nil: .distance
    case "m": Quantity(-1...1, unit: "metres", prefixes: [-6, -3])
    case "rad" where parameter.maximum < 1: .angle
    case "rad": .phase
    case "1/m": Quantity(-1e9...1e9, unit: "per metre")
    default: Quantity(-1e9...1e9, unit: parameter.unit)
    }
  }
}
