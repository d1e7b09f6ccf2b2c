/// The one document of a YAML text. Keys that appear more than once are mistakes like others, named with their sections, and do
/// not keep the rest from being read: the first occurrence counts.
struct YAMLDocument: Sendable {
  let root: YAMLNode
  /// Keys that appear more than once, at each place but the first.
  let duplicates: [Mistake]
  /// Where the value of each key is.
  let places: [String: Mark]

  /// - Throws: `YAMLEvents.Failure`.
  init(_ yaml: String) throws(YAMLEvents.Failure) {
    var composer = YAMLComposer(events: YAMLEvents(yaml))
    root = try composer.root()
    (duplicates, places) = (composer.duplicates, composer.places)
  }
}

private struct YAMLComposer {
  typealias Failure = YAMLEvents.Failure

  let events: YAMLEvents
  var duplicates: [Mistake] = []
  var places: [String: Mark] = [:]
  private var anchors: [String: YAMLNode] = [:]

  /// Sections within sections; a bench file has five, a recipe three.
  private static let deepest = 32
  /// Values with aliases written out; a file of 1 MiB has fewer.
  private static let largest = 1 << 20

  init(events: YAMLEvents) { self.events = events }

  mutating func root() throws(Failure) -> YAMLNode {
    _ = try events.next()
    let first = try events.next()
    guard case .documentStart = first.event else { throw Failure(mark: first.mark, problem: "the file is empty") }
    let root = try node(try events.next(), "", depth: 0)
    _ = try events.next()
    let last = try events.next()
    guard case .streamEnd = last.event else {
      throw Failure(mark: last.mark, problem: "expected a single document in the stream, but found another document")
    }
    return root
  }

  private mutating func node(
    _ next: YAMLEvents.Found, _ path: String, depth: Int
  ) throws(Failure) -> YAMLNode {
    guard depth <= Self.deepest else {
      throw Failure(mark: next.mark, problem: "sections are nested deeper than \(Self.deepest) times")
    }
    let node: YAMLNode
    let name: String?
    switch next.event {
    case .alias(let anchor):
      guard let known = anchors[anchor] else {
        throw Failure(mark: next.mark, problem: "there is no anchor &\(anchor) before this alias")
      }
      return known
    case .scalar(let text, let anchor):
      (node, name) = (YAMLNode(content: .scalar(text), mark: next.mark, end: next.end), anchor)
    case .sequenceStart(let anchor): (node, name) = (try sequence(next.mark, path, depth: depth), anchor)
    case .mappingStart(let anchor): (node, name) = (try mapping(next.mark, path, depth: depth), anchor)
    default: throw Failure(mark: next.mark, problem: "a value is missing")
    }
    guard node.size <= Self.largest else {
      throw Failure(mark: next.mark, problem: "with its aliases written out it has more than \(Self.largest) values")
    }
    if let name { anchors[name] = node }
    return node
  }

  private mutating func sequence(_ mark: Mark, _ path: String, depth: Int) throws(Failure) -> YAMLNode {
    var (entries, size) = ([YAMLNode](), 1)
    while true {
      let next = try events.next()
      if case .sequenceEnd = next.event {
        return YAMLNode(content: .sequence(entries), mark: mark, end: next.end, size: size)
      }
      let place = "\(path)[\(entries.count)]"
      let entry = try node(next, place, depth: depth + 1)
      places[place] = places[place] ?? entry.mark
      size += min(entry.size, Self.largest)
      entries.append(entry)
    }
  }

  private mutating func mapping(_ mark: Mark, _ path: String, depth: Int) throws(Failure) -> YAMLNode {
    var (mapping, size) = (YAMLMapping(), 1)
    var known: [String: Int] = [:]
    while true {
      let next = try events.next()
      if case .mappingEnd = next.event {
        return YAMLNode(content: .mapping(mapping), mark: mark, end: next.end, size: size)
      }
      let key = try node(next, path, depth: depth + 1)
      let place = key.text.map { path.isEmpty ? $0 : "\(path).\($0)" } ?? path
      let pair = YAMLMapping.Pair(key: key, value: try node(try events.next(), place, depth: depth + 1))
      size += min(pair.value.size, Self.largest) + 1
      if let name = key.text, let index = known[name] {
        let first = mapping.pairs[index].key.mark.line
        duplicates.append(
          Mistake(
            at: key.mark, key: place,
            message: "this key appears more than once in the section; the first is on line \(first)"))
        mapping.repeated.append(pair)
      } else {
        if let name = key.text {
          known[name] = mapping.pairs.count
          places[place] = places[place] ?? pair.value.mark
        }
        mapping.pairs.append(pair)
      }
    }
  }
}
