import DLPC900
import DRM
import Devices
import Framebuffer
import Simulated
import V4L2

extension Driver {
  /// The drivers that odu comes with.
  public static var standard: [Driver] {
    [
      .drm,
      .framebuffer,
      .dlpc900,
      .v4l2,
      .simulated,
    ]
  }
}

extension DriverRegistry {
  /// The drivers that odu comes with.
  public static var standard: DriverRegistry { DriverRegistry(Driver.standard) }
}
