import Arrays
import Devices
import Twin

/// A bench as its file states it.
public struct StatedBench: Sendable, Equatable {
  public var description: TwinDescription
  /// Values, priors and bounds before any calibration, and what is free.
  public var parameters: TwinParameters
  /// Names of parameters that fits leave where they are, and that may be off by their priors.
  public var considered: [String]
  /// What is believed of the layers' phase beyond parameters; a usual layer's when nil.
  public var roughness: LayerRoughness?
  /// Nil for a bench that is only computed.
  public var layout: BenchLayout?

  public init(
    description: TwinDescription, parameters: TwinParameters, considered: [String] = [],
    roughness: LayerRoughness? = nil, layout: BenchLayout? = nil
  ) {
    self.description = description
    self.parameters = parameters
    self.considered = considered
    self.roughness = roughness
    self.layout = layout
  }
}

/// A bench as it is known: what its file states, and what calibrations have found out. Everything that needs to know something of the bench
/// asks this value.
public struct CalibratedBench: Sendable, Equatable {
  public let stated: StatedBench
  /// In the order in which they were made.
  public let products: [Product]
  public private(set) var description: TwinDescription
  /// The values that are found, with the priors, the bounds and the freedom that the file states.
  public private(set) var parameters: TwinParameters
  /// How sure the parameters are that were calibrated.
  public private(set) var posterior = Posterior()
  public private(set) var layout: BenchLayout?
  /// Nil as long as the camera was not calibrated.
  public private(set) var camera: CameraModel?

  /// - Parameter products: in the order in which they were made; the later one counts where two say something.
  /// - Throws: `TwinError` when a product has a parameter that this bench does not have.
  public init(_ stated: StatedBench, products: [Product] = []) throws {
    (self.stated, self.products) = (stated, products)
    (description, parameters, layout) = (stated.description, stated.parameters, stated.layout)
    for product in products {
      try apply(product.content)
      posterior = posterior.replaced(by: product.posterior)
    }
    if !products.isEmpty { parameters = parameters.clamped() }
  }

  /// The bench with one more product.
  public func adding(_ product: Product) throws -> CalibratedBench {
    try CalibratedBench(stated, products: products + [product])
  }

  /// The bench as it is when something is true of it, which is no product yet.
  func knowing(_ content: ProductContent) throws -> CalibratedBench {
    var bench = self
    try bench.apply(content)
    bench.parameters = bench.parameters.clamped()
    return bench
  }

  /// The same with exactly the parameters of these groups free.
  public func freeing(_ groups: Set<TwinParameter.Group>) throws -> CalibratedBench {
    var stated = stated
    stated.parameters = try stated.parameters.freeing(stated.parameters.names(in: groups))
    return try CalibratedBench(stated, products: products)
  }

  /// How long the bench waits; nil for a bench that is only computed.
  public var timing: BenchTiming? { layout?.timing }

  /// What the bench takes into account while it measures; nil for a bench that is only computed.
  public var operation: BenchKnowledge? {
    layout.map {
      BenchKnowledge(
        timing: $0.timing, camera: $0.camera, defects: camera.map { $0.hotPixels + $0.deadPixels } ?? [])
    }
  }

  /// How the camera shows the detector plane.
  public var orientation: Orientation { layout?.camera.orientation ?? .upright }

  private mutating func apply(_ content: ProductContent) throws {
    switch content {
    case .camera(let model): camera = model
    case .timing(let model): if let timing { layout?.timing = model.applied(to: timing) }
    case .registration(let model):
      if let present = layout?.camera { layout?.camera = model.applied(to: present) }
      parameters = try model.parameters.applied(to: parameters)
    case .response(let model):
      description.modulator.response = model.curve ?? description.modulator.response
      description.modulator.reach = model.reach
      parameters = try model.parameters.applied(to: parameters)
    case .source(let model):
      description.source.amplitude = model.amplitude ?? description.source.amplitude
      description.forms = FreeForms(source: model.map, layers: model.layers)
      parameters = try model.parameters.applied(to: parameters)
    case .crosstalk(let values), .alignment(let values): parameters = try values.applied(to: parameters)
    case .twin(let found): parameters = parameters.replacingValues(found)
    }
  }
}
