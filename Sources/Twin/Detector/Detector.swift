import Optics

/// Turns the intensity on the output plane into the samples that a detector delivers.
///
/// In this order: the point spread blurs the intensity, the registration says which part of the plane each sample covers,
/// the sample takes the mean energy of its block, and the electronics amplify, clip and digitise it. Beyond the computed
/// plane it is dark. With neutral variables and without a converter a sample is the mean intensity of its block.
///
/// The variables are ``DetectorVariables``; planes are row-major, `[side, side]` with side = grid·sampling.
package struct Detector<Scalar: OpticsScalar>: Sendable {
  let grid: DetectorGrid
  private let blocks: BlockPooling<Scalar>
  let registration: Registration
  /// Nil when the detector lies on the plane sample by sample.
  private let footprints: Footprints<Scalar>?
  let blur: GaussianBlur<Scalar>?
  let response: DetectorResponse<Scalar>
  let variables: DetectorVariables

  /// - Parameter block: grid samples along each side of a detector sample; the description's own when nil.
  /// - Throws: ``TwinError/description(_:)`` when blocks do not divide the region or a value is impossible,
  ///   ``TwinError/registration(_:)`` when more than half of the samples lie outside the computed plane.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init(
    _ description: DetectorDescription, variables: DetectorVariables = .neutral, block: Int?,
    geometry: GeometryDescription
  ) throws(TwinError) {
    try variables.validate()
    grid = try DetectorGrid(description, block: block, geometry: geometry)
    self.variables = variables
    blocks = BlockPooling(grid: grid)
    registration = Registration(variables)
    footprints = registration.isIdentity ? nil : try Footprints(registration, grid: grid)
    guard variables.pointSpread < grid.step * Double(grid.side) else {
      throw .description(
        "the detector's point spread of \(variables.pointSpread) m is wider than the plane of "
          + "\(grid.step * Double(grid.side)) m")
    }
    blur = GaussianBlur(deviation: variables.pointSpread, step: grid.step, side: grid.side)
    response = try DetectorResponse(description, variables)
  }

  /// Detector samples.
  package var height: Int { grid.height }
  package var width: Int { grid.width }
  package var count: Int { grid.count }

  package func makeWorkspace() -> DetectorWorkspace<Scalar> {
    let workspace = DetectorWorkspace<Scalar>()
    reserve(workspace, derivative: false)
    return workspace
  }

  /// The detector samples, `[height, width]`, of an intensity.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func detect(
    _ intensity: UnsafePointer<Scalar>, into samples: UnsafeMutablePointer<Scalar>,
    _ workspace: DetectorWorkspace<Scalar>
  ) {
    reserve(workspace, derivative: false)
    pool(blurred(intensity, workspace), into: samples, workspace)
    response.apply(samples, count: count)
  }

  /// The derivative of a loss by the intensity and by the detector's variables.
  ///
  /// - Parameters:
  ///   - gradient: ∂L/∂(detector sample).
  ///   - intensity: as given to ``detect(_:into:_:)``.
  ///   - weights: ∂L/∂I of every computed sample; overwritten.
  ///   - variables: receives, added, ∂L/∂(variable) of every ``DetectorVariables/Index``; not computed when nil.
  ///   - ofRegistration: whether these include the derivatives by the registration, which cost most; they stay as they
  ///     are when not.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func adjoint(
    _ gradient: UnsafePointer<Scalar>, intensity: UnsafePointer<Scalar>, into weights: UnsafeMutablePointer<Scalar>,
    variables: UnsafeMutablePointer<Double>?, ofRegistration: Bool = true, _ workspace: DetectorWorkspace<Scalar>
  ) {
    reserve(workspace, derivative: variables != nil)
    let derivatives = workspace.derivatives.pointer
    if variables == nil, !response.isNonlinear {
      for index in 0..<count { derivatives[index] = response.factor * gradient[index] }
    } else {
      let seen = blurred(intensity, workspace)
      pool(seen, into: workspace.means.pointer, workspace)
      backThroughResponse(gradient, means: workspace.means.pointer, into: derivatives, variables: variables)
      if let variables, ofRegistration { addRegistrationGradient(derivatives, seen, to: variables) }
    }
    if let footprints {
      footprints.scatter(derivatives, into: weights)
    } else {
      blocks.spread(derivatives, into: weights)
    }
    guard let blur else { return }
    let (scratch, row) = (workspace.scratch.pointer, workspace.row.pointer)
    if let variables {
      variables[DetectorVariables.Index.pointSpread.rawValue] += blur.derivative(
        of: intensity, weightedBy: weights, scratch: (scratch, workspace.otherScratch.pointer), padded: row)
    }
    blur.apply(weights, into: weights, scratch: scratch, padded: row)
  }

  func reserve(_ workspace: DetectorWorkspace<Scalar>, derivative: Bool) {
    workspace.reserve(
      samples: count, row: max(grid.side, blur?.paddedCount ?? 0), plane: blur == nil ? 0 : grid.side * grid.side,
      derivative: derivative && blur != nil)
  }

  func blurred(
    _ intensity: UnsafePointer<Scalar>, _ workspace: DetectorWorkspace<Scalar>
  ) -> UnsafePointer<Scalar> {
    guard let blur else { return intensity }
    blur.apply(
      intensity, into: workspace.blurred.pointer, scratch: workspace.scratch.pointer, padded: workspace.row.pointer)
    return UnsafePointer(workspace.blurred.pointer)
  }

  func pool(
    _ plane: UnsafePointer<Scalar>, into samples: UnsafeMutablePointer<Scalar>,
    _ workspace: DetectorWorkspace<Scalar>
  ) {
    if let footprints {
      footprints.gather(plane, into: samples)
    } else {
      blocks.pool(plane, into: samples, row: workspace.row.pointer)
    }
  }

  /// ∂L/∂(mean intensity) of each sample, and the derivatives by the electronics' variables.
  private func backThroughResponse(
    _ gradient: UnsafePointer<Scalar>, means: UnsafePointer<Scalar>, into derivatives: UnsafeMutablePointer<Scalar>,
    variables gradients: UnsafeMutablePointer<Double>?
  ) {
    var byFactor = 0.0
    var byOffset = 0.0
    for index in 0..<count {
      let slope = response.follows(means[index]) ? gradient[index] : 0
      derivatives[index] = response.factor * slope
      byFactor += Double(slope) * Double(means[index])
      byOffset += Double(slope)
    }
    guard let gradients else { return }
    gradients[DetectorVariables.Index.gain.rawValue] += byFactor * variables.exposure * variables.power
    gradients[DetectorVariables.Index.exposure.rawValue] += byFactor * variables.gain * variables.power
    gradients[DetectorVariables.Index.power.rawValue] += byFactor * variables.gain * variables.exposure
    gradients[DetectorVariables.Index.offset.rawValue] += byOffset
  }

  private func addRegistrationGradient(
    _ derivatives: UnsafePointer<Scalar>, _ plane: UnsafePointer<Scalar>, to gradients: UnsafeMutablePointer<Double>
  ) {
    var sums = Registration.Sums()
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        addSample(row, column, weight: Double(derivatives[row * grid.width + column]), plane, to: &sums)
      }
    }
    registration.add(sums, to: gradients)
  }

  /// Adds one detector sample's part of the derivative by the registration.
  @inline(__always)
  func addSample(
    _ row: Int, _ column: Int, weight: Double, _ plane: UnsafePointer<Scalar>, to sums: inout Registration.Sums
  ) {
    let points = registration.points
    let side = grid.block * points
    let weight = weight * (1 / Double(side * side))
    if weight == 0 { return }
    for line in 0..<side {
      let v = grid.position(ofPoint: line, from: grid.y + row * grid.block, points: points)
      for sample in 0..<side {
        let u = grid.position(ofPoint: sample, from: grid.x + column * grid.block, points: points)
        addPoint(u, v, weight: weight, plane, to: &sums)
      }
    }
  }

  @inline(__always)
  private func addPoint(
    _ u: Double, _ v: Double, weight: Double, _ plane: UnsafePointer<Scalar>, to sums: inout Registration.Sums
  ) {
    let perMetre = 1 / grid.step
    let point = registration.map(u, v)
    guard let x = CubicTaps(at: point.x * perMetre + grid.center, side: grid.side),
      let y = CubicTaps(at: point.y * perMetre + grid.center, side: grid.side)
    else { return }
    let here = CubicTaps.interpolate(plane, side: grid.side, x: x, y: y)
    registration.add(
      u, v, point, weight: weight, value: here.value, slopeX: here.slopeX * perMetre, slopeY: here.slopeY * perMetre,
      to: &sums)
  }
}
