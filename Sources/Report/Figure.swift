/// A figure as data, which a program can read and a page can draw.
public enum Figure: Sendable, Equatable {
  case curves(LinePlot)
  case bars(BarPlot)
  case pictures(PictureTable)

  public var block: any Block {
    switch self {
    case .curves(let plot): plot
    case .bars(let plot): plot
    case .pictures(let table): table
    }
  }
}

/// An object with the kind, `curves`, `bars` or `pictures`, and the figure of that kind.
extension Figure: Codable {
  private enum Kind: String, Codable { case curves, bars, pictures }
  private enum CodingKeys: String, CodingKey { case kind, figure }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    self =
      switch try members.decode(Kind.self, forKey: .kind) {
      case .curves: .curves(try members.decode(LinePlot.self, forKey: .figure))
      case .bars: .bars(try members.decode(BarPlot.self, forKey: .figure))
      case .pictures: .pictures(try members.decode(PictureTable.self, forKey: .figure))
      }
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .curves(let plot):
      try members.encode(Kind.curves, forKey: .kind)
      try members.encode(plot, forKey: .figure)
    case .bars(let plot):
      try members.encode(Kind.bars, forKey: .kind)
      try members.encode(plot, forKey: .figure)
    case .pictures(let table):
      try members.encode(Kind.pictures, forKey: .kind)
      try members.encode(table, forKey: .figure)
    }
  }
}
