import Devices

extension Driver {
  /// Cameras behind the kernel's V4L2 interface; `Docs/reference/drivers/v4l2.md` has their settings.
  public static var v4l2: Driver {
    Driver(
      name: "v4l2", summary: "cameras behind the kernel's V4L2 interface",
      settings: CameraConfiguration.settings.parameters,
      camera: { try await V4L2Camera.open($0) },
      checkCameraSettings: { _ = try CameraConfiguration($0) }, discover: { await VideoNodes.discover() })
  }
}
