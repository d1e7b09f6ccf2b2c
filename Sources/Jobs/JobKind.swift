import BenchAPI
import Catalogues
import ServiceCore

/// One kind of job as a service offers it: its name, what it can be given, and how its routine is made.
public struct JobKind: Sendable {
  public let declaration: Declaration
  let routine: any JobRoutine.Type
  private let make: @Sendable (JSONValue) throws -> any JobRoutine

  /// - Parameter make: the routine with these parameters, which are those of the declaration; throws when they make no sense
  ///   together.
  public init<Routine: JobRoutine>(
    _ declaration: Declaration, _ make: @escaping @Sendable (Routine.Parameters) throws -> Routine
  ) {
    precondition(declaration.name == Routine.kind, "\(Routine.self) is declared as another kind of job")
    self.declaration = declaration
    routine = Routine.self
    self.make = { given in
      // The decoder has better words for numbers that do not fit their type, and comes first.
      let parameters: Routine.Parameters = try declaration.completing(given).decoded()
      try declaration.check(given)
      return try make(parameters)
    }
  }

  /// The routine with parameters as a client sent them; what was left out has its default.
  func routine(_ given: JSONValue) throws -> any JobRoutine { try make(given) }
}
