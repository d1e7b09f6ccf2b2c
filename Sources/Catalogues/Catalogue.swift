/// The members of one kind, each with its declaration: the one place where a name turns into a type.
///
/// A new member is one type and one line in the list that makes the catalogue; ``adding(_:)`` adds one from outside.
public struct Catalogue<Member: Sendable>: Sendable {
  /// What the members are, in the singular: "sampler".
  public let noun: String
  private let declare: @Sendable (Member) -> Declaration
  /// In the order of the list.
  public private(set) var members: [Member]

  /// - Parameter declaration: how a member is declared, `{ $0.declaration }` for metatypes that declare themselves.
  /// - Precondition: no two members have one name.
  public init(_ noun: String, _ members: [Member], declaration: @escaping @Sendable (Member) -> Declaration) {
    (self.noun, self.members, declare) = (noun, members, declaration)
    precondition(Set(names).count == members.count, "two members of the catalogue of \(noun)s have the same name")
  }

  /// The catalogue with one more member, which takes the place of one that has its name.
  public func adding(_ member: Member) -> Catalogue {
    let name = declare(member).name
    var larger = self
    if let index = names.firstIndex(of: name) {
      larger.members[index] = member
    } else {
      larger.members.append(member)
    }
    return larger
  }

  public var declarations: [Declaration] { members.map(declare) }

  public var names: [String] { members.map { declare($0).name } }

  /// The member with this name.
  ///
  /// - Throws: ``UnknownName``, which says what names there are.
  public func member(named name: String) throws(UnknownName) -> Member {
    guard let index = names.firstIndex(of: name) else { throw UnknownName(name, noun: noun, known: names) }
    return members[index]
  }
}

/// A name that no member of a catalogue has.
public struct UnknownName: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was asked for, in the singular: "sampler".
  public let noun: String
  /// The name, shortened when it is long.
  public let name: String
  /// The names that there are.
  public let known: [String]

  public init(_ name: String, noun: String, known: [String]) {
    self.name = name.count <= 80 ? name : name.prefix(80) + "…"
    (self.noun, self.known) = (noun, known)
  }

  public var description: String {
    let meant = closest(to: name, among: known).map { " (did you mean \($0)?)" } ?? ""
    return "there is no \(noun) \"\(name)\"\(meant); there are \(known.joined(separator: ", "))"
  }
}
