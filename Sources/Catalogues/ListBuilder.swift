/// Lists whose entries stand one below the other without commas. Each is checked by itself, so that long lists compile fast.
@resultBuilder
public enum ListBuilder<Entry> {
  public static func buildExpression(_ entry: Entry) -> [Entry] { [entry] }
  public static func buildBlock(_ entries: [Entry]...) -> [Entry] { entries.flatMap(\.self) }
}
