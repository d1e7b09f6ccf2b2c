import Catalogues
import Devices
import Twin

/// Every key of a bench file.
public enum BenchKeys {
  /// In the order of the sections; those that drivers read themselves come last.
  public static func all(of drivers: DriverRegistry) -> [Parameter] {
    own + drivers.sectionNames.compactMap { drivers.section(ofDriver: $0)?.parameter }
  }

  private static let own = [
    Parameter(
      "geometry", .object(TwinSchema.geometry.parameters), "the way of the light, and how it is computed",
      isRequired: true),
    Parameter(
      "input", .object(TwinSchema.input.parameters), "how an image is put on the beam", isRequired: true),
    Parameter(
      "source", .object(TwinSchema.source.parameters), "the light that falls on the input; otherwise a plain wave"),
    Parameter("modulator", .object(TwinSchema.modulator.parameters), "fixed, known properties of the layer modulator"),
    Parameter(
      "detector", .object(TwinSchema.detector.parameters),
      "how the output is sampled; otherwise one sample for each sample of the whole grid"),
    Parameter(
      "parameters", .object([anyParameter]), "where each parameter of the twin starts, and what is known of it"),
    Parameter("devices", .object(devices), "which driver opens each device; together with `layout`"),
    Parameter("layout", .object(layout), "where things sit on panels and sensor; together with `devices`"),
    Parameter(
      "drift", .object(DriftSchema.watch.parameters),
      "has odud measure between jobs how far the bench is from its twin; without it nothing is measured that was not asked for"
    ),
    Parameter(
      "calibration", .text,
      "calibrations of this bench, one in JSON on each line, as `odu-ctl cal export` writes them; in force where odud has "
        + "none of their kinds"),
  ]

  static let devices = [
    Parameter("layerModulator", .object(DevicesSchema.device.parameters), "shows the layers", isRequired: true),
    Parameter(
      "inputModulator", .object(DevicesSchema.device.parameters),
      "shows the image; left out when `layout.input.onLayerModulator` is true"),
    Parameter("camera", .object(DevicesSchema.device.parameters), "sees the output", isRequired: true),
  ]

  static let layout = [
    Parameter("layers", .object(DevicesSchema.layers.parameters), "on the layer modulator", isRequired: true),
    Parameter("input", .object(DevicesSchema.input.parameters), "on the input modulator", isRequired: true),
    Parameter("camera", .object(DevicesSchema.camera.parameters), "on the sensor", isRequired: true),
    Parameter("timing", .object(DevicesSchema.timing.parameters), "how long the bench waits, and what it refuses"),
  ]

  /// The parameters that benches of either kind can have, by family.
  public static let twinParameters: [Parameter] = {
    let families = GeometryDescription.Kind.allCases.flatMap {
      ParameterFamily.all(of: .richest(of: $0, layers: 1))
    }
    return families.enumerated().filter { index, family in !families[..<index].contains { $0.name == family.name } }
      .map { _, family in
        Parameter(
          family.name, .number(Parameter.anyNumber),
          family.meaning + (family.isFree ? "; free unless the file says otherwise" : ""),
          unit: family.unit.isEmpty ? nil : family.unit, standard: family.neutral.map { .number($0) })
      }
  }()

  private static let anyParameter: Parameter = {
    let number = TwinParameter(name: "", value: 0, unit: "", scale: 1, prior: 1, minimum: 0, maximum: 0, neutral: 0)
    let keys = TwinSchema.parameter(number).parameters.map { key in
      Parameter(key.name, key.kind, key.summary)
    }
    return Parameter("NAME", .object(keys), "a parameter of the twin by its name")
  }()
}
