/// An error that knows its cause. Layers below the service know nothing of the API: the module that brings them together says so
/// for their errors.
public protocol CausedError: Error {
  var cause: Cause { get }
}

extension ParameterMistake: CausedError {}
