import Access
import Foundation
import Hummingbird

/// `/`: the daemon's page.
struct PageRoutes {
  /// The page needs nothing but what this daemon serves.
  private static let policy = """
    default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' blob: data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    """

  func add(to router: Router<BenchRequestContext>) {
    router.get("/") { _, _ in
      var response = Response(
        status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.page_html)))
      response.headers[.contentSecurityPolicy] = Self.policy
      response.headers[.xContentTypeOptions] = "nosniff"
      response.headers[.cacheControl] = "no-cache"
      return response
    }
  }
}
