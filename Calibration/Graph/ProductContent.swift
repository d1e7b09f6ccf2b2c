import Twin

/// What a calibration found out, by its kind.
public enum ProductContent: Sendable, Equatable {
  case camera(CameraModel)
  case timing(TimingModel)
  case registration(RegistrationModel)
  case response(ResponseModel)
  case crosstalk(ParameterValues)
  case source(SourceModel)
  case alignment(ParameterValues)
  case twin(TwinParameters)

  public var kind: ProductKind {
    switch self {
    case .camera: .camera
    case .timing: .timing
    case .registration: .registration
    case .response: .response
    case .crosstalk: .crosstalk
    case .source: .source
    case .alignment: .alignment
    case .twin: .twin
    }
  }
}

/// An object with the kind and the model of that kind.
extension ProductContent: Codable {
  private enum CodingKeys: String, CodingKey { case kind, model }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    func model<Model: Decodable>(_ type: Model.Type = Model.self) throws -> Model {
      try members.decode(Model.self, forKey: .model)
    }
    self =
      switch try members.decode(ProductKind.self, forKey: .kind) {
      case .camera: .camera(try model())
      case .timing: .timing(try model())
      case .registration: .registration(try model())
      case .response: .response(try model())
      case .crosstalk: .crosstalk(try model())
      case .source: .source(try model())
      case .alignment: .alignment(try model())
      case .twin: .twin(try model())
      }
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(kind, forKey: .kind)
    switch self {
    case .camera(let model): try members.encode(model, forKey: .model)
    case .timing(let model): try members.encode(model, forKey: .model)
    case .registration(let model): try members.encode(model, forKey: .model)
    case .response(let model): try members.encode(model, forKey: .model)
    case .crosstalk(let model): try members.encode(model, forKey: .model)
    case .source(let model): try members.encode(model, forKey: .model)
    case .alignment(let model): try members.encode(model, forKey: .model)
    case .twin(let model): try members.encode(model, forKey: .model)
    }
  }
}
