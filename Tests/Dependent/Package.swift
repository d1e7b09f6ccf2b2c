// swift-tools-version: 6.1
import PackageDescription

// A package of somebody else. `Tests/Dependent/run` names the repository and releases a version 1.0.0 of odu into it.
let package = Package(
  name: "dependent",
  dependencies: [.package(url: "file://\(Context.environment["ODU_REPOSITORY"] ?? "/nowhere/odu")", exact: "1.0.0")],
  targets: [
    .executableTarget(
      name: "dependent",
      dependencies: ["Arrays", "Optics", "Twin", "Diffusion", "Training"].map { .product(name: $0, package: "odu") })
  ],
  swiftLanguageModes: [.v6]
)
