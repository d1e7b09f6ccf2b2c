import BenchAPI
import Files
import HTTPTypes
import Hummingbird

/// Why a request was turned away before any route saw it.
package enum AccessRefusal: Error, Sendable, Equatable {
  /// The caller has no role, or not the one that the request needs.
  case role(String)
  /// A web page of another origin asks, or one where none may.
  case origin(String)
  /// On TCP, no token was given.
  case tokenMissing
  /// On TCP, a token was given that is not in the table.
  case tokenUnknown
  /// Too many wrong tokens arrive at the same time.
  case tooManyAttempts
  /// On TCP, the connections of a token are all in use.
  case crowded
  /// The request is addressed to a name that is not the daemon's.
  case misdirected(String)

  package var status: HTTPResponse.Status {
    switch self {
    case .role, .origin: .forbidden
    case .tokenMissing, .tokenUnknown: .unauthorized
    case .tooManyAttempts, .crowded: .tooManyRequests
    case .misdirected: .misdirectedRequest
    }
  }

  package var cause: Cause {
    switch self {
    case .role: .accessRole
    case .origin: .accessOrigin
    case .misdirected: .accessHost
    case .tokenMissing: .accessTokenMissing
    case .tokenUnknown: .accessTokenUnknown
    case .tooManyAttempts: .accessTooManyAttempts
    case .crowded: .accessTooManyConnections
    }
  }

  package var message: String {
    switch self {
    case .role(let message), .origin(let message), .misdirected(let message): message
    case .tokenMissing: "give a token of this daemon in the header \"Authorization: Bearer TOKEN\""
    case .tokenUnknown: "this daemon does not know that token; ask its administrator for one"
    case .tooManyAttempts: "too many wrong tokens arrive; try again later"
    case .crowded: "those who have this token use too many connections; close some"
    }
  }

  package func response() throws -> Response {
    var response = try Response.json(ErrorResponse(cause, Excerpt.of(message)), status: status)
    switch self {
    case .tokenMissing: response.headers[.wwwAuthenticate] = #"Bearer realm="odu""#
    case .tokenUnknown: response.headers[.wwwAuthenticate] = #"Bearer realm="odu", error="invalid_token""#
    case .tooManyAttempts, .crowded: response.headers[.retryAfter] = "1"
    case .role, .origin, .misdirected: break
    }
    return response
  }
}
