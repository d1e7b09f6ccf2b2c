import Arrays
import Numerics
import Optics
import ReferenceOptics
import Testing
import Twin

/// The twin against the same bench built from single propagations, layers and tilts.
@Suite struct TwinReferenceTests {
  struct Case: Sendable, CustomStringConvertible {
    let name: String
    let twin: TwinDescription
    var block: Int?
    var description: String { name }
  }

  static let cases: [Case] =
    InputDescription.Encoding.allCases.map { encoding in
      Case(
        name: "\(encoding)", twin: .small(.planes, input: InputDescription(size: 6, block: 4, encoding: encoding)))
    } + [
      Case(name: "un-padded", twin: .small(.planes, padding: 1, bandLimit: true)),
      Case(
        name: "odd grid", twin: .small(.planes, grid: 27, padding: 1.333, input: InputDescription(size: 5, block: 5))),
      Case(
        name: "sampling 2 with blocks",
        twin: .small(
          .planes, sampling: 2, input: InputDescription(size: 5, block: 5),
          detector: DetectorDescription(block: 4, region: Region(x: 4, y: 6, width: 24, height: 16)))),
      Case(name: "other blocks than its own", twin: .small(.planes, detector: DetectorDescription(block: 1)), block: 8),
    ]

  /// The field of an image on the computed plane.
  private func encoded(_ image: Stack<Double>, _ twin: TwinDescription) -> Field<Double> {
    let geometry = twin.geometry
    let plane = PlaneGrid(side: geometry.grid * geometry.sampling, pitch: geometry.pitch / Double(geometry.sampling))
    let size = twin.input.size * twin.input.block
    let offset = (geometry.grid - size) / 2
    return Field(grid: plane) { y, x in
      let (row, column) = (y / geometry.sampling - offset, x / geometry.sampling - offset)
      guard row >= 0, column >= 0, row < size, column < size else { return .zero }
      let value = image[0, row / twin.input.block, column / twin.input.block]
      switch twin.input.encoding {
      case .amplitude: return Complex(value, 0)
      case .intensity: return Complex(value > 0 ? value.squareRoot() : 0, 0)
      case .phase: return Complex(length: 1, phase: .pi * value)
      case .binary:
        let block = twin.input.block
        return Complex(isOn(row % block, column % block, part: value, block: block) ? 1 : 0, 0)
      }
    }
  }

  /// Whether a mirror is among the round(value·block²) nearest to the middle of its pixel, ties row by row.
  private func isOn(_ row: Int, _ column: Int, part value: Double, block: Int) -> Bool {
    func key(_ index: Int) -> Int {
      let (dy, dx) = (2 * (index / block) + 1 - block, 2 * (index % block) + 1 - block)
      return (dy * dy + dx * dx) * block * block + index
    }
    let own = row * block + column
    let rank = (0..<block * block).filter { key($0) < key(own) }.count
    return rank < Int((min(max(value, 0), 1) * Double(block * block)).rounded())
  }

  private func layer(_ index: Int, _ layers: Stack<Double>, _ geometry: GeometryDescription) -> PhaseLayer<Double> {
    let side = geometry.grid * geometry.sampling
    return PhaseLayer(
      phases: (0..<side * side).map { layers[index, $0 / side / geometry.sampling, $0 % side / geometry.sampling] })
  }

  private func detected(_ field: Field<Double>, _ test: Case) -> [Double] {
    let geometry = test.twin.geometry
    let region =
      test.twin.detector.region ?? Region(grid: geometry.grid)
    let block = test.block ?? test.twin.detector.block
    let side = block * geometry.sampling
    return (0..<region.height / block).flatMap { row in
      (0..<region.width / block).map { column in
        var sum = 0.0
        for y in 0..<side {
          for x in 0..<side {
            sum +=
              field[
                (region.y + row * block) * geometry.sampling + y, (region.x + column * block) * geometry.sampling + x
              ].lengthSquared
          }
        }
        return sum / Double(side * side)
      }
    }
  }

  @Test("planes compute what propagations and layers one after the other compute", arguments: cases)
  func planes(test: Case) throws {
    let geometry = test.twin.geometry
    let layers = Stack<Double>.normal(geometry.layers, geometry.grid, seed: 1)
    var image = Stack<Double>.uniform(1, test.twin.input.size, seed: 2)
    image[0, 0, 0] = -0.3
    var field = encoded(image, test.twin)
    let gap = try Propagator<Double>(
      grid: field.grid, space: FreeSpace(wavelength: geometry.wavelength, distance: geometry.distance),
      padding: geometry.padding, bandLimit: geometry.bandLimit, allowUndersampling: true)
    field = gap.forward(field)
    for index in 0..<geometry.layers { field = gap.forward(layer(index, layers, geometry).forward(field)) }
    let computed = try Twin<Double>(test.twin).forward(layers: layers, inputs: image, block: test.block)
    let expected = detected(field, test)
    #expect(computed.values.count == expected.count)
    let largest = expected.max() ?? 0
    for (a, b) in zip(computed.values, expected) { #expect(abs(a - b) < 1e-10 * largest) }
  }

  @Test("the layer's own samples lie centred in the samples of a finer computation")
  func finerSampling() throws {
    // A tilted beam on flat layers leaves the same picture on both samplings, which a shift of half a sample would move.
    let results = try [1, 4].map { sampling in
      let description = TwinDescription.small(
        .cavity, grid: 64, layers: 2, distance: 1e-3, padding: 2, sampling: sampling,
        input: InputDescription(size: 4, block: 8))
      return try Twin<Double>(description, parameters: .misaligned(description.geometry)).forward(
        layers: Stack(count: 2, height: 64, width: 64), inputs: Stack(count: 1, height: 4, width: 4, repeating: 1),
        block: 4)
    }
    #expect(results[0].difference(from: results[1]) < 0.02)
  }

  /// A cavity by explicit half hops, with the mirror's tilt applied on the mirror.
  private func explicitCavity(
    _ twin: TwinDescription, _ parameters: TwinParameters, _ layers: Stack<Double>, _ image: Stack<Double>
  ) throws -> Field<Double> {
    let geometry = twin.geometry
    var field = encoded(image, twin)
    let half = try Propagator<Double>(
      grid: field.grid, space: FreeSpace(wavelength: geometry.wavelength, distance: parameters["mirrorGap"]),
      padding: geometry.padding)
    let beam = Tilt(x: parameters["beamTiltX"], y: parameters["beamTiltY"], wavelength: geometry.wavelength)
    let mirror = Tilt(x: parameters["mirrorTiltX"], y: parameters["mirrorTiltY"], wavelength: geometry.wavelength)
    field = beam.forward(field)
    for index in 0..<geometry.layers {
      let onMirror = half.forward(layer(index, layers, geometry).forward(field))
      field = half.forward(index < geometry.layers - 1 ? mirror.forward(onMirror) : onMirror)
    }
    return field
  }

  /// The paper's bench on fewer samples: the same 2.392 mm, 17.1 mm gap and milliradians.
  private func cavity(sampling: Int) -> TwinDescription {
    TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: 850e-9, pitch: 2.392e-3 / 80, grid: 80, layers: 3, distance: 17.1e-3, padding: 1.5,
        sampling: sampling),
      input: InputDescription(size: 10, block: 5), detector: DetectorDescription(block: 1))
  }

  @Test("the folded hop of a cavity is two half hops with the mirror's tilt between, for smooth layers finely sampled")
  func foldedHop() throws {
    let layers = Stack<Double>.smooth(3, 80, seed: 5)
    let image = Stack<Double>(count: 1, height: 10, width: 10, repeating: 1)
    let errors = try [1, 4].map { sampling in
      let description = cavity(sampling: sampling)
      let parameters = TwinParameters.misaligned(description.geometry, scale: 0.5)
      let computed = try Twin<Double>(description, parameters: parameters).forward(layers: layers, inputs: image)
      let field = try explicitCavity(description, parameters, layers, image)
      let reference = detected(field, Case(name: "", twin: description))
      return computed.difference(from: Stack(count: 1, height: 80, width: 80, values: reference))
    }
    #expect(errors[1] < 0.01, "\(errors)")
    #expect(errors[1] < errors[0], "what is left is aliasing, so finer sampling reduces it: \(errors)")
  }

  @Test(
    "the folded hop notices each tilt, its sign and its axis",
    arguments: ["mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"])
  func foldedHopNoticesTilts(name: String) throws {
    let description = cavity(sampling: 2)
    let layers = Stack<Double>.smooth(3, 80, seed: 6)
    let image = Stack<Double>(count: 1, height: 10, width: 10, repeating: 1)
    var parameters = TwinParameters(nominalFor: description.geometry)
    parameters[name] = 1.5e-3
    let field = try explicitCavity(description, parameters, layers, image)
    let reference = Stack(
      count: 1, height: 80, width: 80, values: detected(field, Case(name: "", twin: description)))
    func error(_ parameters: TwinParameters) throws -> Double {
      try Twin<Double>(description, parameters: parameters).forward(layers: layers, inputs: image)
        .difference(from: reference)
    }
    let right = try error(parameters)
    #expect(right < 0.05)
    parameters[name] = -1.5e-3
    #expect(try error(parameters) > 5 * right)
    parameters[name] = 0
    #expect(try error(parameters) > 5 * right)
  }
}
