import Catalogues
import Diffusion
import Testing

/// That samplers are found by their names with what they can be given, and that another one needs one type and one line.
@Suite struct SamplerCatalogueTests {
  private let spacing = TimestepSpacing(.trailing, count: 10)

  @Test("names and options make the samplers that they say")
  func names() throws {
    #expect(SamplerCatalogue.standard.names == ["ddim", "ddpm", "dpmpp"])
    let ddim = try SamplerCatalogue.standard.sampler(named: "ddim", spacing: spacing, options: ["eta": .integer(1)])
    #expect((ddim as? DDIMSampler)?.eta == 1)
    let ddpm = try SamplerCatalogue.standard.sampler(named: "ddpm", spacing: spacing)
    #expect((ddpm as? DDPMSampler)?.variance == .beta)
  }

  @Test("names and options that there are not, and values out of range, are refused with what there is")
  func refusals() {
    let unknown = #expect(throws: UnknownName.self) {
      try SamplerCatalogue.standard.sampler(named: "plms", spacing: spacing)
    }
    #expect(unknown?.description.contains("there are ddim, ddpm, dpmpp") == true)
    for (option, value, reason) in [
      ("eta", Parameter.Value.number(1.5), "expected a number from 0.0 to 1.0"),
      ("etta", .number(1), "did you mean eta?"), ("eta", .text("much"), "expected a number"),
    ] {
      let error = #expect(throws: UnfitOption.self) {
        try SamplerCatalogue.standard.sampler(named: "ddim", spacing: spacing, options: [option: value])
      }
      #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
  }

  @Test("a sampler from outside is one type and one registration")
  func registration() throws {
    let samplers = SamplerCatalogue.standard.adding(UniPCSampler.self)
    #expect(samplers.names.last == "unipc")
    #expect(try samplers.sampler(named: "unipc", spacing: spacing) is UniPCSampler)
  }
}
