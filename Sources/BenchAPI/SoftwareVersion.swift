/// The version of odu, from the file `VERSION`: both programs, the API, the records and the package take it from here.
public enum SoftwareVersion {
  public static let current =
    String(decoding: PackageResources.VERSION, as: UTF8.self)
    .split(separator: "\n").first.map(String.init) ?? ""
}
