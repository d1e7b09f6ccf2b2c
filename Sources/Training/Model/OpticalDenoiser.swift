import Arrays
import Catalogues
import Diffusion
import Measuring
import Optics

extension DenoisingModel {
  /// The model on a unit as a denoiser for ``Sampling``.
  public func denoiser(
    on unit: any OpticalUnit, catalogues: TrainingCatalogues = .standard
  ) throws -> Denoiser<Float> {
    let schedule = try recipe.schedule.make()
    let method = try Method(recipe, catalogues)
    return { noisy, t in
      let set = try set(serving: t)
      let intensities = try await unit.intensities(layers: set.phases, inputs: recipe.scaling(noisy), block: nil)
      let readout = method.readout(of: set, pixels: intensities.planeSize)
      let shape = readout.outputShape(height: intensities.height, width: intensities.width)
      guard let shape, shape.height * shape.width == mean.count, mean.count == noisy.planeSize else {
        throw TrainingError.detector(
          height: intensities.height, width: intensities.width, size: imageSize, readout: method.readout.name,
          samplesPerPixel: method.readout.samplesPerPixel)
      }
      let alphaBar = schedule.alphaBar(t)
      let estimate = method.objective.estimate(
        readout.forward(intensities).output, noisy: noisy,
        alphaBars: [Double](repeating: alphaBar, count: noisy.count), mean: mean, parameters: set.objectiveParameters)
      return method.objective.prediction(estimate.values, noisy: noisy, alphaBar: alphaBar)
    }
  }
}
