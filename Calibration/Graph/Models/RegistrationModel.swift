import Arrays
import Devices

/// How the camera shows the detector plane, and which of its pixels see it. Shift, rotation and scale that remain, and where the layers
/// lie, are parameters of the twin.
public struct RegistrationModel: Sendable, Codable, Equatable {
  public var orientation: Orientation
  /// The pixels of the raw sensor that see the detector region; nil when those of the bench file do.
  public var region: Region?
  /// The samples of the twin's grid that these pixels are counted as; nil when they are those of the bench file. They are fewer where
  /// a pixel sees much more than a sample.
  public var samples: Region?
  public var parameters: ParameterValues

  public init(
    orientation: Orientation, region: Region? = nil, samples: Region? = nil,
    parameters: ParameterValues = ParameterValues()
  ) {
    self.orientation = orientation
    self.region = region
    self.samples = samples
    self.parameters = parameters
  }

  func applied(to camera: CameraLayout) -> CameraLayout {
    var camera = camera
    camera.orientation = orientation
    if let region {
      (camera.x, camera.y, camera.width, camera.height) = (region.x, region.y, region.width, region.height)
    }
    return camera
  }
}
