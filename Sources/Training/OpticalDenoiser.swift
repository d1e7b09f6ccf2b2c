import Arrays
import Diffusion
import Optics

extension DenoisingModel {
  /// The model on a unit as a denoiser for ``Sampling``.
  ///
  /// - Parameter isBench: whether the unit is the bench. Twin and bench measure on different scales; statistics from the
  ///   one are brought to the scale of the other by the mean intensity of the batch.
  public func denoiser(on unit: any OpticalUnit, isBench: Bool) throws -> Denoiser<Float> {
    let schedule = try schedule.make()
    let rescales = isBench != servesBench
    return { noisy, t in
      let set = try set(serving: t)
      var intensities = try await unit.measure(layers: set.phases, inputs: recipe.scaling(noisy), block: nil)
      if rescales, let expected = set.statistics?.mean {
        let target = expected.reduce(0, +) / Float(expected.count)
        let present = intensities.values.reduce(0, +) / Float(max(1, intensities.values.count))
        let factor = present > 0 ? target / present : 1
        for index in intensities.values.indices { intensities.values[index] *= factor }
      }
      let output = set.readout(recipe, pixels: intensities.planeSize).forward(intensities).output
      return recipe.head.predict(
        output, noisy: noisy, alphaBar: schedule.alphaBar(t), mean: mean, parameters: set.headParameters)
    }
  }
}
