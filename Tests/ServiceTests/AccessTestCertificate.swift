import Foundation

/// A certificate for `localhost` that signs itself, made for these tests and used nowhere else.
enum TestCertificate {
  struct Files {
    var certificate: String
    var key: String
    /// A key that is not the certificate's.
    var foreignKey: String
  }

  static func write(to folder: URL) throws -> Files {
    func file(_ name: String, _ text: String) throws -> String {
      let path = folder.appendingPathComponent(name).path
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      chmod(path, 0o600)
      return path
    }
    return Files(
      certificate: try file("certificate.pem", certificate), key: try file("key.pem", key),
      foreignKey: try file("foreign.pem", foreignKey))
  }

  static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBlTCCATugAwIBAgIUY5Ah74xMo0sWoqn5HddevTIk6NEwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIwMDM1N1oYDzIxMjYxMDI4
    MjAwMzU3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAAR7EodhzBixq8ZVBlqswdeAuwi5MKl/ITLkk/pkG9yDhvD8r4rDOvLI
    vV+R71AeLJDlwrnRqnsUhZzsjYYsfVFyo2kwZzAdBgNVHQ4EFgQUIQ6Wd+WAZJ9r
    WsocNNYkFW4TQ84wHwYDVR0jBBgwFoAUIQ6Wd+WAZJ9rWsocNNYkFW4TQ84wDwYD
    VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
    SAAwRQIgT8jqwAmUl9ZqT9C2zd+ih2pCa742/QvCb+tdzw8eM1wCIQDdK0XCP/yo
    DhwEc5RnyoPobLO9baN/aaLRxEQCIqMm3Q==
    -----END CERTIFICATE-----

    """

  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfEcgsj1CBxNiFsE5
    faEi3iiU0fXrv2g+cBD3JsTV9VuhRANCAAR7EodhzBixq8ZVBlqswdeAuwi5MKl/
    ITLkk/pkG9yDhvD8r4rDOvLIvV+R71AeLJDlwrnRqnsUhZzsjYYsfVFy
    -----END PRIVATE KEY-----

    """

  private static let foreignKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3QKSzS5LJolnUICQ
    +WZTls6qe4gC9TsZqJjtCmpw2uihRANCAASH646070LKxqKPHAOzsqWGSJZBPX3Z
    1hsUDvQqWlRnEBlb6Pxpw/oqJMHZVW3TPVjhM013zZ+BIxdYad3JMyxW
    -----END PRIVATE KEY-----

    """
}
