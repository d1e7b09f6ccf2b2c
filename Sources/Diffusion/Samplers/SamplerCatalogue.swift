import Catalogues

/// The samplers that can be asked for by name.
public enum SamplerCatalogue {
  public static let standard = Catalogue<any Sampler.Type>(
    "sampler", [DDIMSampler.self, DDPMSampler.self, DPMSolverSampler.self]
  ) { $0.declaration }
}

extension Catalogue<any Sampler.Type> {
  /// The sampler with this name at these steps.
  ///
  /// - Throws: `UnknownName`, `UnfitOption`, and what the sampler itself refuses.
  public func sampler(
    named name: String, spacing: TimestepSpacing, options: [String: Parameter.Value] = [:]
  ) throws -> any Sampler {
    let type = try member(named: name)
    return try type.init(spacing: spacing, options: Options(options, of: type.declaration))
  }
}
