import Access
import Foundation
import Hummingbird

/// `/`: the daemon's page, with its style and its script.
struct PageRoutes {
  /// The page needs nothing but what this daemon serves.
  private static let policy = """
    default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    """

  func add(to router: Router<BenchRequestContext>) {
    router.get("/") { _, _ in
      var response = Self.response(PackageResources.page_html, "text/html; charset=utf-8")
      response.headers[.contentSecurityPolicy] = Self.policy
      return response
    }
    router.get("page.css") { _, _ in Self.response(PackageResources.page_css, "text/css; charset=utf-8") }
    router.get("page.js") { _, _ in Self.response(PackageResources.page_js, "text/javascript; charset=utf-8") }
  }

  private static func response(_ bytes: [UInt8], _ type: String) -> Response {
    var response = Response(
      status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[.cacheControl] = "no-cache"
    return response
  }
}
