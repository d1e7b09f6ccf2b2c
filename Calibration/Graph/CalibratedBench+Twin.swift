import Arrays
import Twin

extension CalibratedBench {
  /// The twin as it is known, with so many samples along each side of a layer pixel at least.
  func twin(sampling: Int, threads: Int) throws -> Twin<Double> {
    var description = description
    description.geometry.sampling = max(sampling, description.geometry.sampling)
    return try Twin<Double>(description, parameters: parameters, threads: threads)
  }

  /// What a fit of frames is given. Two frames of one pattern tell the noise, too, but less surely than a calibrated camera.
  func fitData(of acquired: AcquiredFrames) -> FitData {
    var data = acquired.fitData
    if let camera { data.noise = camera.noise(ofBlocks: data.block) }
    return data
  }

  /// The image that lets all light pass, `[1, size, size]`.
  var whiteImage: Stack<Float> {
    let size = description.input.size
    return Stack(count: 1, height: size, width: size, repeating: 1)
  }
}
