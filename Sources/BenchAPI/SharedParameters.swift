import Catalogues

// What several kinds of job can be given. The rest of each declaration stands beside its request: ranges, defaults and
// meanings are nowhere else. Requests are checked by them, and `GET /v1/kinds`, the page's form and the tables of the guides are
// made from them.

extension Parameter {
  static let seed = Parameter(
    "seed", .integer(0...Int.max), "Seed of all random numbers; the same one repeats the job", standard: .integer(1))
  static let dataset = Parameter(
    "dataset", .text, "The images to learn: glyphs, mnist:FOLDER, idx:FILE or npy:FILE", standard: .text("glyphs"),
    isRequired: true)
  static let classes = Parameter(
    "classes", .list(of: .integer(Int.min...Int.max)), "The classes to use, such as 0, 3, 4; all if empty")
}

extension Declaration {
  /// Parameters with the defaults for what was left out.
  public func completing(_ given: JSONValue) -> JSONValue {
    guard case .object(var members) = given else { return given }
    for parameter in parameters where !parameter.isRequired && (members[parameter.name] ?? .null) == .null {
      members[parameter.name] = parameter.standard?.json
    }
    return .object(members)
  }
}
