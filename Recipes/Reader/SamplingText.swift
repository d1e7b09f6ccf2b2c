import Catalogues
import Diffusion
import StrictYAML
import Training

/// How images are generated, as it is written.
enum SamplingText {
  private static let blank = SamplingRecipe(lastStep: nil, clip: nil, contrast: nil)

  private static let contrast = Schema(SamplingRecipe.Contrast(gain: 1, from: 1)) {
    Key(required: "gain", \.gain, .number(Quantity(0.1...10)), "how much contrast about the mean image is raised")
    Key(required: "from", \.from, .integer(1...100_000), "the cleanest step at which it is raised")
  }

  static func form(_ samplers: Catalogue<any Sampler.Type>) -> Form<SamplingRecipe> {
    let schema = Self.schema(samplers)
    return Form(.object(schema.parameters)) { section, key in
      guard let inner = section.section(key, keys: schema.names + ["options"]), var sampling = schema.read(inner),
        let sampler = try? samplers.member(named: sampling.sampler),
        let options = inner.options("options", of: sampler.declaration)
      else { return nil }
      sampling.options = options
      return sampling
    }
  }

  private static func schema(_ samplers: Catalogue<any Sampler.Type>) -> Schema<SamplingRecipe> {
    Schema(blank) {
      Key(required: "sampler", \.sampler, RecipeSchema.name(of: samplers), "the rule of the reverse diffusion")
      Key(required: "steps", \.steps, .integer(1...100_000), "steps of the sampler")
      Key(
        "lastStep", \.lastStep, .integer(1...100_000),
        "the cleanest step that is visited, otherwise that of the cleanest trained set")
      Key(
        "clip", \.clip, .number(Quantity(0.1...1000)), "estimates of the image are clipped to ± this, otherwise not")
      Key("contrast", \.contrast, .section(contrast), "how the contrast of estimates is raised, otherwise not")
    }
  }
}
