// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "odu",
  products: [
    .executable(name: "odud", targets: ["odud"]),
    .executable(name: "odu-ctl", targets: ["odu-ctl"]),
    // For other packages; the others take and return the stacks of planes of Arrays.
    .library(name: "Arrays", targets: ["Arrays"]),
    .library(name: "Optics", targets: ["Optics"]),
    .library(name: "Twin", targets: ["Twin"]),
    .library(name: "Diffusion", targets: ["Diffusion"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "BenchTestKit", targets: ["BenchTestKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries and kernels
    .target(name: "CFFTW", linkerSettings: [.linkedLibrary("fftw3"), .linkedLibrary("fftw3f")]),
    .systemLibrary(name: "CPNG", path: "Sources/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CZLib", path: "Sources/CZLib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CHDF5", path: "Sources/CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CDRM", path: "Sources/CDRM", pkgConfig: "libdrm", providers: [.apt(["libdrm-dev"])]),
    .systemLibrary(name: "CFramebuffer", path: "Sources/CFramebuffer"),
    .systemLibrary(
      name: "CUSB", path: "Sources/CUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
    .systemLibrary(name: "CV4L", path: "Sources/CV4L", pkgConfig: "libv4lconvert", providers: [.apt(["libv4l-dev"])]),
    .systemLibrary(name: "CUdev", path: "Sources/CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),
    .systemLibrary(name: "CAllocator", path: "Sources/CAllocator"),
    .target(name: "CSignals"),
    .target(name: "COptics"),

    // Concurrency, arrays, files
    .target(name: "Concurrency"),
    .target(name: "Catalogues", dependencies: ["ReadableNumbers"]),
    .target(name: "ReadableNumbers"),
    .target(name: "Measuring", dependencies: ["Arrays"]),
    .target(name: "Arrays"),
    .target(name: "Files", dependencies: ["Arrays", "CPNG", "CZLib"]),
    .target(
      name: "StrictYAML", dependencies: ["ReadableNumbers", "Catalogues", .product(name: "Yams", package: "Yams")]),
    .target(
      name: "MeasurementFiles",
      dependencies: [
        "Concurrency", "Arrays", "Measuring", "Files", "Devices", "CHDF5", .product(name: "Yams", package: "Yams"),
      ]),

    // Physics
    .target(name: "Fitting"),
    .target(
      name: "Optics",
      dependencies: [
        "ReadableNumbers", "Arrays", "COptics", "CFFTW", .product(name: "Numerics", package: "swift-numerics"),
      ]),
    .target(
      name: "Twin", dependencies: ["Measuring", "Concurrency", "ReadableNumbers", "Arrays", "Optics", "Fitting"]),

    // Images
    .target(name: "Datasets", dependencies: ["Catalogues", "Arrays", "Files"]),
    .target(name: "Diffusion", dependencies: ["Catalogues", "Arrays"]),
    .target(name: "Scores", dependencies: ["ReadableNumbers", "Arrays", "Fitting", "Diffusion"]),

    // Bench
    .target(name: "Devices", dependencies: ["StrictYAML", "Measuring", "Catalogues", "Concurrency", "Arrays"]),
    .target(name: "BenchTestKit", dependencies: ["Concurrency", "Arrays", "Measuring", "Devices"]),
    .target(
      name: "Simulated",
      dependencies: ["StrictYAML", "Catalogues", "Measuring", "Concurrency", "Arrays", "Devices", "CFFTW"],
      path: "Drivers/Simulated"),
    .target(name: "DRM", dependencies: ["Concurrency", "Devices", "CDRM"], path: "Drivers/DRM"),
    .target(name: "Framebuffer", dependencies: ["Devices", "CFramebuffer"], path: "Drivers/Framebuffer"),
    .target(name: "DLPC900", dependencies: ["Concurrency", "Devices", "CUSB"], path: "Drivers/DLPC900"),
    .target(name: "V4L2", dependencies: ["Measuring", "Concurrency", "Devices", "CV4L"], path: "Drivers/V4L2"),
    .target(name: "PatternPlayer", dependencies: ["Concurrency", "Devices"], path: "Drivers/Example"),
    .target(name: "Hotplug", dependencies: ["Concurrency", "Devices", "CUdev"], path: "Drivers/Hotplug"),
    .target(
      name: "DriverCatalogue",
      dependencies: ["Simulated", "Devices", "Hotplug", "DRM", "Framebuffer", "DLPC900", "V4L2"],
      path: "Drivers/Catalogue"),
    .target(
      name: "BenchFile",
      dependencies: [
        "StrictYAML", "ReadableNumbers", "Arrays", "Files", "Optics", "Twin", "Devices", "Catalogues",
        .product(name: "Yams", package: "Yams"),
      ]),

    // Learning
    .target(
      name: "Calibration",
      dependencies: [
        "Concurrency", "Catalogues", "ReadableNumbers", "Arrays", "Fitting", "Measuring", "MeasurementFiles", "Twin",
        "Devices", "StrictYAML", "Report",
      ],
      path: "Calibration", exclude: ["Profiles"]),
    .target(
      name: "Training",
      dependencies: [
        "Measuring", "Concurrency", "Catalogues", "Arrays", "Files", "Optics", "Twin", "Diffusion", "Scores",
      ]),
    .target(
      name: "Recipes", dependencies: ["Catalogues", "Diffusion", "StrictYAML", "Training"], path: "Recipes",
      sources: ["Reader"], resources: [.embedInCode("paper.yaml"), .embedInCode("recognisable.yaml")]),

    // State
    .target(
      name: "Records",
      dependencies: [
        "Measuring", "Concurrency", "Files", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),

    // Service
    .target(name: "Connections", dependencies: ["Concurrency", .product(name: "NIOCore", package: "swift-nio")]),
    .target(name: "BenchAPI", dependencies: ["Catalogues", "Measuring"], resources: [.embedInCode("VERSION")]),
    .target(name: "Report", dependencies: ["ReadableNumbers", "Arrays", "Files"]),
    .target(name: "ServiceCore", dependencies: ["BenchAPI", "Files", "Records"]),
    .target(
      name: "Lending",
      dependencies: [
        "Measuring", "Concurrency", "Arrays", "Files", "Twin", "Devices", "BenchFile", "BenchAPI", "MeasurementFiles",
        "StrictYAML", "ServiceCore", .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Jobs",
      dependencies: [
        "Catalogues", "Measuring", "Concurrency", "Arrays", "Files", "Twin", "Devices", "BenchFile", "BenchAPI",
        "Calibration", "Records", "ServiceCore", "Lending",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "JobKinds",
      dependencies: [
        "Measuring", "Concurrency", "ReadableNumbers", "Arrays", "Files", "Optics", "Twin", "Diffusion", "Calibration",
        "Devices", "Training", "BenchAPI", "ServiceCore", "Lending", "Jobs", "Datasets", "Recipes", "Catalogues",
        "MeasurementFiles", "Records", "Report",
      ]),
    .target(
      name: "Access",
      dependencies: [
        "Concurrency", "Files", "BenchAPI", "ServiceCore", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .target(
      name: "BenchService",
      dependencies: [
        "Catalogues", "Measuring", "Concurrency", "Arrays", "Files", "Optics", "Twin", "Devices", "BenchFile",
        "BenchAPI", "Calibration", "Records", "Connections", "ServiceCore", "Lending", "Jobs", "Access",
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOExtras", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ], resources: [.embedInCode("Page/page.html"), .embedInCode("Page/page.css"), .embedInCode("Page/page.js")]),
    .target(
      name: "BenchClient",
      dependencies: [
        "BenchAPI", "Connections", .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .target(name: "Doctor", dependencies: ["Arrays", "BenchAPI", "Catalogues", "Fitting", "ReadableNumbers"]),
    .target(
      name: "Demo",
      dependencies: [
        "Measuring", "ReadableNumbers", "Arrays", "Files", "Twin", "Datasets", "BenchAPI", "BenchClient", "Report",
      ]),
    .target(
      name: "Program", dependencies: ["Catalogues", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    .executableTarget(
      name: "odud",
      dependencies: [
        "Program", "BenchAPI", "BenchService", "Access", "Lending", "Jobs", "JobKinds", "BenchFile", "CAllocator",
        "CSignals", "Devices", "DriverCatalogue", "Hotplug",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "odu-ctl",
      dependencies: [
        "StrictYAML", "Measuring", "Program", "Concurrency", "Arrays", "Files", "BenchAPI", "BenchClient", "BenchFile",
        "Optics", "Twin", "Diffusion", "Demo", "MeasurementFiles", "Calibration", "Devices", "DriverCatalogue",
        "ReadableNumbers", "Catalogues", "Jobs", "JobKinds", "Datasets", "Doctor", "Report", "Scores", "Training",
        "Recipes", "Records",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Numerics", package: "swift-numerics"),
      ]),

    // Benchmarks
    .target(name: "CBenchmark", path: "Benchmarks/CBenchmark"),
    .executableTarget(
      name: "odu-bench",
      dependencies: ["Measuring", "Concurrency", "Arrays", "Optics", "Twin", "Devices", "V4L2", "CFFTW", "CBenchmark"],
      path: "Benchmarks/odu-bench"),
    .target(name: "SecondPlant", dependencies: ["Arrays"], path: "Benchmarks/second-plant"),
    .executableTarget(
      name: "twin-truth",
      dependencies: [
        "DriverCatalogue",
        "Arrays", "Measuring", "Optics", "Twin", "Calibration", "BenchFile", "SecondPlant",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Benchmarks/twin-truth"),
    .executableTarget(
      name: "bench-calibration",
      dependencies: [
        "DriverCatalogue", "Simulated", "Concurrency", "Arrays", "Fitting", "Devices", "Measuring", "Twin",
        "Calibration",
        "BenchFile", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Benchmarks/calibration"),

    // The plant of the simulated bench as a process beside the guest of Tests/VirtualBench
    .executableTarget(
      name: "virtual-plant", dependencies: ["BenchFile", "Devices", "Simulated"], path: "Tests/VirtualBench/Plant"),

    // Tests
    .testTarget(name: "CataloguesTests", dependencies: ["Catalogues"]),
    .testTarget(name: "ReadableNumbersTests", dependencies: ["ReadableNumbers"]),
    .testTarget(name: "MeasuringTests", dependencies: ["Arrays", "Measuring"]),
    .testTarget(
      name: "BenchAPITests",
      dependencies: [
        "BenchAPI", "Catalogues", "JobKinds", "Jobs", "Records", .product(name: "Yams", package: "Yams"),
      ]),
    .testTarget(name: "ArraysTests", dependencies: ["Arrays"]),
    .testTarget(name: "FilesTests", dependencies: ["BenchTestKit", "Arrays", "Files"]),
    .target(
      name: "ReferenceOptics", dependencies: ["Optics", .product(name: "Numerics", package: "swift-numerics")],
      path: "Tests/ReferenceOptics"),
    .testTarget(
      name: "OpticsTests",
      dependencies: ["Arrays", "Optics", "ReferenceOptics", .product(name: "Numerics", package: "swift-numerics")]),
    .testTarget(
      name: "TwinTests",
      dependencies: [
        "Concurrency", "Measuring", "Arrays", "Fitting", "Optics", "ReferenceOptics", "SecondPlant", "Twin", "Training",
        .product(name: "Numerics", package: "swift-numerics"),
      ]),
    .testTarget(name: "ReportTests", dependencies: ["Arrays", "Report"]),
    .testTarget(
      name: "DoctorTests", dependencies: ["Arrays", "BenchAPI", "BenchFile", "Doctor", "DriverCatalogue"]),
    .testTarget(name: "FittingTests", dependencies: ["Arrays", "Fitting"]),
    .testTarget(name: "DatasetsTests", dependencies: ["BenchTestKit", "Arrays", "Datasets", "Files", "Scores"]),
    .testTarget(name: "DiffusionTests", dependencies: ["Concurrency", "Catalogues", "Arrays", "Diffusion"]),
    .testTarget(name: "ScoresTests", dependencies: ["Arrays", "Diffusion", "Scores"]),
    .testTarget(
      name: "RecipesTests", dependencies: ["Catalogues", "Recipes", "StrictYAML", "Training", "Twin"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Measuring", "BenchTestKit", "Concurrency", "Catalogues", "Arrays", "Files", "Optics", "Twin", "Diffusion",
        "Training", "Calibration",
      ], exclude: ["Fixtures"]),
    .testTarget(
      name: "DevicesTests",
      dependencies: ["Measuring", "BenchTestKit", "Concurrency", "Arrays", "Devices", "Simulated"]),
    .testTarget(
      name: "PanelTests",
      dependencies: ["BenchTestKit", "Concurrency", "Arrays", "CDRM", "CFramebuffer", "Devices", "DRM", "Framebuffer"]),
    .testTarget(name: "DLPC900Tests", dependencies: ["BenchTestKit", "Concurrency", "Arrays", "Devices", "DLPC900"]),
    .testTarget(
      name: "V4L2Tests", dependencies: ["Measuring", "BenchTestKit", "Concurrency", "Arrays", "Devices", "V4L2"]),
    .testTarget(
      name: "HotplugTests", dependencies: ["BenchTestKit", "Concurrency", "Devices", "Hotplug", "DriverCatalogue"]),
    .testTarget(name: "DriverGuideTests", dependencies: ["Concurrency", "Devices", "PatternPlayer"]),
    .testTarget(
      name: "BenchFileTests",
      dependencies: [
        "BenchTestKit",
        "Arrays", "BenchFile", "Catalogues", "Devices", "DriverCatalogue", "Files", "Optics", "Simulated", "StrictYAML",
        "Twin",
      ]),
    .testTarget(name: "StrictYAMLTests", dependencies: ["Catalogues", "StrictYAML"]),
    .testTarget(
      name: "BenchTests", dependencies: ["Arrays", "BenchFile", "Devices", "DriverCatalogue", "Measuring"]),
    .testTarget(
      name: "CalibrationTests",
      dependencies: [
        "Catalogues", "BenchTestKit", "DriverCatalogue", "Simulated",
        "Measuring", "Concurrency", "Arrays", "Optics", "Twin", "Calibration", "BenchFile", "Devices",
        "MeasurementFiles",
      ]),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "BenchTestKit", "Concurrency", "Catalogues", "Arrays", "Files", "Measuring", "MeasurementFiles", "Devices",
        "BenchFile", "Calibration", "Records", "ServiceCore", "Lending", "Jobs", "JobKinds", "Access", "BenchService",
        "BenchClient", "BenchAPI", "Connections", "DriverCatalogue", "Diffusion", "Training", "Twin", "Program",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ], exclude: ["Fixtures"]),
    .executableTarget(
      name: "recording-writer", dependencies: ["Arrays", "MeasurementFiles"],
      path: "Tests/MeasurementFilesTests/Writer"),
    .executableTarget(name: "record-writer", dependencies: ["Records"], path: "Tests/RecordsTests/Writer"),
    .testTarget(
      name: "MeasurementFilesTests",
      dependencies: [
        "BenchTestKit", "Arrays", "Files", "Measuring", "Devices", "MeasurementFiles", "recording-writer",
      ],
      exclude: ["Writer", "read_recording.py"]),
    .testTarget(
      name: "RecordsTests",
      dependencies: [
        "BenchTestKit", "Files", "Records", "record-writer", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Writer"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Arrays", "BenchTestKit", "Files", "Catalogues", "Calibration", "Diffusion", "Training", "Recipes", "Report",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
