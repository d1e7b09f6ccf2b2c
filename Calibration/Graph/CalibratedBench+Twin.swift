import Arrays
import Twin

extension CalibratedBench {
  /// The twin as it is known, with so many samples along each side of a layer pixel at least.
  func twin(sampling: Int, threads: Int) throws -> Twin<Double> {
    var description = description
    description.geometry.sampling = max(sampling, description.geometry.sampling)
    return try Twin<Double>(description, parameters: parameters, threads: threads)
  }

  /// The image that lets all light pass, `[1, size, size]`.
  var whiteImage: Stack<Float> {
    let size = description.input.size
    return Stack(count: 1, height: size, width: size, repeating: 1)
  }
}
