import CYaml

/// What libyaml finds in a text, one after the other.
final class YAMLEvents {
  enum Event {
    case scalar(String, anchor: String?)
    case alias(String)
    case sequenceStart(anchor: String?)
    case sequenceEnd
    case mappingStart(anchor: String?)
    case mappingEnd
    case documentStart
    case documentEnd
    case streamStart
    case streamEnd
  }

  /// An event with the place where it begins and the one behind it.
  struct Found {
    var event: Event
    var mark: Mark
    var end: Mark
  }

  /// The text is not YAML.
  struct Failure: Error {
    var mark: Mark
    var problem: String
  }

  /// libyaml keeps the addresses of both.
  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ yaml: String) {
    // To libyaml a byte order mark would be a column of the first line.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = Array(yaml.utf8.starts(with: mark) ? yaml.utf8.dropFirst(mark.count) : yaml.utf8[...])
    text = .allocate(capacity: bytes.count)
    _ = text.initialize(from: bytes)
    parser.initialize(to: yaml_parser_t())
    yaml_parser_initialize(parser)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  /// - Throws: ``Failure``.
  func next() throws(Failure) -> Found {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { yaml_event_delete(&event) }
    return Found(event: Self.event(event), mark: Self.mark(event.start_mark), end: Self.mark(event.end_mark))
  }

  private static func event(_ event: yaml_event_t) -> Event {
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(String(decoding: bytes, as: UTF8.self), anchor: name(scalar.anchor))
    case YAML_ALIAS_EVENT: return .alias(name(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT: return .sequenceStart(anchor: name(event.data.sequence_start.anchor))
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_START_EVENT: return .mappingStart(anchor: name(event.data.mapping_start.anchor))
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_STREAM_START_EVENT: return .streamStart
    default: return .streamEnd
    }
  }

  private static func name(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    bytes.map { String(cString: $0) }
  }

  private static func mark(_ mark: yaml_mark_t) -> Mark { Mark(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }

  private var failure: Failure {
    let found = parser.pointee
    let context = found.context.map { String(cString: $0) + ", " } ?? ""
    let problem = found.problem.map { String(cString: $0) } ?? "it cannot be read"
    guard found.error == YAML_READER_ERROR else {
      return Failure(mark: Self.mark(found.problem_mark), problem: context + problem)
    }
    // Of bytes that are no text libyaml tells the offset only.
    let before = text.prefix(Int(found.problem_offset))
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
    return Failure(mark: Mark(line: line, column: column), problem: context + problem)
  }
}
