import Optics

extension Detector {
  /// How the samples change when the intensity does.
  ///
  /// - Parameters:
  ///   - change: of the intensity on every computed sample.
  ///   - follows: 1 for samples that do not clip, else 0.
  ///   - samples: receives the change of every sample.
  func tangent(
    _ change: UnsafePointer<Scalar>, follows: UnsafePointer<Scalar>, into samples: UnsafeMutablePointer<Scalar>,
    _ workspace: DetectorWorkspace<Scalar>
  ) {
    reserve(workspace, derivative: true)
    pool(blurred(change, workspace), into: samples, workspace)
    for index in 0..<count { samples[index] *= follows[index] * response.factor }
  }

  /// The derivative of every sample by every variable of the detector.
  ///
  /// - Parameters:
  ///   - intensity: as given to ``detect(_:into:_:)``.
  ///   - follows: receives 1 for samples that do not clip, else 0.
  ///   - ofRegistration: whether the derivatives by where the detector lies are wanted, which cost most.
  ///   - columns: receives the derivatives, `[variable, samples]` in the order of ``DetectorVariables/Index``.
  func tangents(
    _ intensity: UnsafePointer<Scalar>, follows: UnsafeMutablePointer<Scalar>, ofRegistration: Bool,
    into columns: UnsafeMutablePointer<Double>, _ workspace: DetectorWorkspace<Scalar>
  ) {
    reserve(workspace, derivative: true)
    func column(_ index: DetectorVariables.Index) -> UnsafeMutablePointer<Double> { columns + index.rawValue * count }
    columns.update(repeating: 0, count: DetectorVariables.Index.allCases.count * count)
    let means = workspace.means.pointer
    let seen = blurred(intensity, workspace)
    pool(seen, into: means, workspace)
    let (gain, exposure, power) = (variables.gain, variables.exposure, variables.power)
    for index in 0..<count {
      follows[index] = response.follows(means[index]) ? 1 : 0
      let mean = Double(follows[index] * means[index])
      column(.gain)[index] = mean * exposure * power
      column(.exposure)[index] = mean * gain * power
      column(.power)[index] = mean * gain * exposure
      column(.offset)[index] = Double(follows[index])
    }
    if ofRegistration { registrationTangents(seen, follows: follows, into: columns) }
    guard let blur else { return }
    blur.tangent(
      of: intensity, into: workspace.blurred.pointer,
      scratch: (workspace.scratch.pointer, workspace.otherScratch.pointer), padded: workspace.row.pointer)
    pool(workspace.blurred.pointer, into: means, workspace)
    for index in 0..<count { column(.pointSpread)[index] = Double(follows[index] * response.factor * means[index]) }
  }

  private func registrationTangents(
    _ plane: UnsafePointer<Scalar>, follows: UnsafePointer<Scalar>, into columns: UnsafeMutablePointer<Double>
  ) {
    var slopes = [Double](repeating: 0, count: DetectorVariables.Index.allCases.count)
    slopes.withUnsafeMutableBufferPointer { slopes in
      guard let own = slopes.baseAddress else { return }
      for row in 0..<grid.height {
        for column in 0..<grid.width {
          let sample = row * grid.width + column
          own.update(repeating: 0, count: slopes.count)
          var sums = Registration.Sums()
          addSample(row, column, weight: Double(follows[sample] * response.factor), plane, to: &sums)
          registration.add(sums, to: own)
          for index in DetectorVariables.Index.allCases where index.isRegistration {
            columns[index.rawValue * count + sample] = own[index.rawValue]
          }
        }
      }
    }
  }
}
