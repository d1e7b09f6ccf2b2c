import Fitting

/// What a fit of the source moves, as one vector: named parameters in units of their scales, then the coefficients of the source map's
/// phase and of the logarithm of its amplitude, then those of the layers' maps.
package struct SourceUnknowns: Sendable {
  /// Their values are where the priors stand.
  package let moving: [TwinParameter]
  /// Coefficients of the map along each side; nil for no map.
  package let fineness: Int?
  /// What is believed of the map before: standard deviations of a coefficient of the phase in radians, and of the log amplitude.
  private let deviations: (phase: Double, logAmplitude: Double)
  /// Nil when layers have no maps.
  package let layers: LayerUnknowns?

  package init(
    moving: [TwinParameter], fineness: Int?, deviations: (phase: Double, logAmplitude: Double),
    layers: LayerUnknowns? = nil
  ) {
    (self.moving, self.fineness, self.deviations, self.layers) = (moving, fineness, deviations, layers)
  }

  private var coefficients: Int { fineness.map { $0 * $0 } ?? 0 }

  package var count: Int { firstOfLayers + (layers?.count ?? 0) }

  /// The places of the coefficients of the source's phase and of its amplitude, and of the phase of each layer that has some.
  var blocks: (source: [Int], layers: [(layer: Int, start: Int)]) {
    let source = fineness == nil ? [] : [moving.count, moving.count + coefficients]
    return (source, layers?.moved.enumerated().map { ($1, firstOfLayers + $0 * (layers?.coefficients ?? 0)) } ?? [])
  }

  private var firstOfLayers: Int { moving.count + 2 * coefficients }

  /// The unit of a coefficient: one of them moves a part of the light that falls with their number, and should move frames as much as a
  /// parameter does.
  private static func unit(_ fineness: Int?) -> Double { 0.2 * Double(fineness ?? 1) }

  private var unit: Double { Self.unit(fineness) }
  private var layerUnit: Double { Self.unit(layers?.fineness) }

  package func values(of parameters: TwinParameters, _ map: SourceMap?, layers maps: [LayerMap]? = nil) -> [Double] {
    moving.values(of: parameters) + coefficients(map).map { $0 / unit } + coefficients(maps).map { $0 / layerUnit }
  }

  private func coefficients(_ map: SourceMap?) -> [Double] {
    map.map { $0.phase + $0.logAmplitude } ?? [Double](repeating: 0, count: 2 * coefficients)
  }

  private func coefficients(_ maps: [LayerMap]?) -> [Double] {
    guard let layers else { return [] }
    return maps.map { maps in layers.moved.flatMap { maps[$0].phase } }
      ?? [Double](repeating: 0, count: layers.count)
  }

  /// The parameters that a vector stands for, the others as they are in `base`.
  package func parameters(at values: [Double], in base: TwinParameters) -> TwinParameters {
    moving.parameters(at: values, in: base)
  }

  package func forms(at values: [Double]) -> FreeForms {
    FreeForms(source: map(at: values), layers: layerMaps(at: values))
  }

  private func map(at values: [Double]) -> SourceMap? {
    fineness.map { fineness in
      var map = SourceMap(fineness: fineness)
      let first = moving.count
      map.phase = values[first..<first + coefficients].map { $0 * unit }
      map.logAmplitude = values[first + coefficients..<firstOfLayers].map { $0 * unit }
      return map
    }
  }

  private func layerMaps(at values: [Double]) -> [LayerMap]? {
    layers.map { layers in
      var maps = [LayerMap](repeating: LayerMap(fineness: layers.fineness), count: layers.all)
      for (layer, start) in blocks.layers {
        maps[layer].phase = values[start..<start + layers.coefficients].map { $0 * layerUnit }
      }
      return maps
    }
  }

  func direction(_ vector: [Double]) -> TwinDirection {
    TwinDirection(
      parameters: Dictionary(
        zip(moving, vector).map { ($0.name, $1 * $0.scale) }, uniquingKeysWith: { first, _ in first }),
      map: map(at: vector), layers: layerMaps(at: vector))
  }

  /// The vector of derivatives, from those by parameters and coefficients in their own units.
  func gradient(_ slopes: TwinDirection) -> [Double] {
    moving.map { (slopes.parameters[$0.name] ?? 0) * $0.scale } + coefficients(slopes.map).map { $0 * unit }
      + coefficients(slopes.layers).map { $0 * layerUnit }
  }

  package var bounds: [ClosedRange<Double>] {
    func free(_ count: Int, _ unit: Double) -> [ClosedRange<Double>] {
      [ClosedRange<Double>](repeating: -Self.widest / unit...Self.widest / unit, count: count)
    }
    return moving.bounds + free(2 * coefficients, unit) + free(layers?.count ?? 0, layerUnit)
  }

  /// - Parameter noise: the standard deviation of a residual, which priors are weighed against.
  package func priors(noise: Double) -> PriorRows {
    PriorRows(
      expected: moving.map { $0.value / $0.scale } + [Double](repeating: 0, count: count - moving.count),
      weights: moving.map { noise * $0.scale / $0.prior }
        + [Double](repeating: noise * unit / deviations.phase, count: coefficients)
        + [Double](repeating: noise * unit / deviations.logAmplitude, count: coefficients)
        + [Double](repeating: noise * layerUnit / (layers?.deviation ?? 1), count: layers?.count ?? 0))
  }

  /// No coefficient of a wavefront that a layer samples is larger, in radians.
  private static let widest = 100.0
}

/// The maps of layers in a fit.
package struct LayerUnknowns: Sendable {
  /// Coefficients along each side.
  package let fineness: Int
  /// What is believed of a coefficient before, in radians.
  package let deviation: Double
  /// How many layers there are, and which have a map that moves. Where the input is imaged on the first layer, its map would be the
  /// source's by another name.
  let all: Int
  package let moved: Range<Int>

  package init(_ geometry: GeometryDescription, _ roughness: LayerRoughness) {
    (fineness, deviation) = (roughness.fineness(of: geometry), roughness.deviation)
    all = geometry.layers
    moved = (geometry.kind == .cavity ? 1 : 0)..<geometry.layers
  }

  var coefficients: Int { fineness * fineness }
  var count: Int { moved.count * coefficients }
}
