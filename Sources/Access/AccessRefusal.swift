import BenchAPI
import Files
import HTTPTypes
import Hummingbird

/// Why a request was turned away before any route saw it.
package enum AccessRefusal: Error, Sendable, Equatable {
  /// The caller has no role, or not the one that the request needs.
  case forbidden(String)
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
    case .forbidden: .forbidden
    case .tokenMissing, .tokenUnknown: .unauthorized
    case .tooManyAttempts, .crowded: .tooManyRequests
    case .misdirected: .misdirectedRequest
    }
  }

  package var code: String {
    switch self {
    case .forbidden, .misdirected: "forbidden"
    case .tokenMissing, .tokenUnknown, .tooManyAttempts: "unauthorised"
    case .crowded: "full"
    }
  }

  package var message: String {
    switch self {
    case .forbidden(let message), .misdirected(let message): message
    case .tokenMissing: "give a token of this daemon in the header \"Authorization: Bearer TOKEN\""
    case .tokenUnknown: "this daemon does not know that token; ask its administrator for one"
    case .tooManyAttempts: "too many wrong tokens arrive; try again later"
    case .crowded: "those who have this token use too many connections; close some"
    }
  }

  package func response() throws -> Response {
    var response = try Response.json(ErrorResponse(code: code, message: Excerpt.of(message)), status: status)
    switch self {
    case .tokenMissing: response.headers[.wwwAuthenticate] = #"Bearer realm="odu""#
    case .tokenUnknown: response.headers[.wwwAuthenticate] = #"Bearer realm="odu", error="invalid_token""#
    case .tooManyAttempts, .crowded: response.headers[.retryAfter] = "1"
    case .forbidden, .misdirected: break
    }
    return response
  }
}
