import Hummingbird
import ServiceCore

/// The part of a list that a request asks for, newest first: `?limit=N&before=ID`.
struct ListPage {
  static let largest = 1000

  let limit: Int
  let before: String?

  /// - Parameter preset: how many when the request does not say.
  init(_ request: Request, preset: Int = largest) throws {
    let text = request.uri.queryParameters["limit"].map(String.init) ?? "\(preset)"
    guard let limit = Int(text), (1...Self.largest).contains(limit) else {
      throw ServiceError(.requestInvalid, "limit: \"\(text)\" is not in 1…\(Self.largest)")
    }
    self.limit = limit
    before = request.uri.queryParameters["before"].map(String.init)
  }

  /// What it shows of a list; nothing when no element has the name that it begins behind.
  func of<Element>(_ list: [Element], by id: (Element) -> String) -> [Element] {
    guard let before else { return Array(list.prefix(limit)) }
    guard let place = list.firstIndex(where: { id($0) == before }) else { return [] }
    return Array(list[(place + 1)...].prefix(limit))
  }
}
