import Hummingbird
import NIOCore

/// What the routes know of a request besides the request itself.
public struct BenchRequestContext: RequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The connection that the request came by.
  public let channel: any Channel
  /// Who asks.
  public internal(set) var caller = Caller.unknown

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// What the caller may do; nothing on the few routes that need no role.
  public var role: Role? { caller.role }
}

/// Who asks, and what they may do.
public struct Caller: Sendable, Equatable {
  /// The user's name on the Unix socket, the address on TCP; for records and messages.
  public var name: String
  public var role: Role?
  /// On TCP, the place of the token that was shown in the table of tokens.
  package var token: Int?

  /// Tells callers apart: behind one address there may be many, each with a token of their own.
  package var key: String { token.map { "token \($0)" } ?? name }

  /// A caller whose identity has not been asked for.
  public static let unknown = Caller(name: "unknown", role: nil)
}
