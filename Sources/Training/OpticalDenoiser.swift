import Arrays
import Diffusion
import Measuring
import Optics

extension DenoisingModel {
  /// The model on a unit as a denoiser for ``Sampling``.
  public func denoiser(on unit: any OpticalUnit) throws -> Denoiser<Float> {
    let schedule = try schedule.make()
    return { noisy, t in
      let set = try set(serving: t)
      let intensities = try await unit.intensities(layers: set.phases, inputs: recipe.scaling(noisy), block: nil)
      let readout = set.readout(recipe, pixels: intensities.planeSize)
      let shape = readout.outputShape(height: intensities.height, width: intensities.width)
      guard let shape, shape.height * shape.width == mean.count, mean.count == noisy.planeSize else {
        throw TrainingError.detector(
          height: intensities.height, width: intensities.width, size: imageSize, readout: recipe.readout)
      }
      let output = readout.forward(intensities).output
      return recipe.head.predict(
        output, noisy: noisy, alphaBar: schedule.alphaBar(t), mean: mean, parameters: set.headParameters)
    }
  }
}
