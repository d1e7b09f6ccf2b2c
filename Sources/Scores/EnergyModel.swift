import Glibc
import ReadableNumbers

/// Energy and speed of image generation by a network on a graphics processor and by an optical denoising unit, after
/// Oguz et al., sections 4.3 and A.4. Every assumption is a parameter; the defaults are the paper's.
public struct EnergyModel: Sendable, Codable, Equatable {
  /// A network that makes `images` in `time` seconds on a processor of `power` watts.
  public struct DigitalRun: Sendable, Codable, Equatable {
    public var power: Double
    public var images: Double
    public var time: Double
    /// Joules per image as published, for comparison.
    public var publishedEnergyPerImage: Double

    public init(power: Double, images: Double, time: Double, publishedEnergyPerImage: Double) {
      self.power = power
      self.images = images
      self.time = time
      self.publishedEnergyPerImage = publishedEnergyPerImage
    }

    /// Images per second.
    public var imageRate: Double { images / time }
    /// Joules per image.
    public var energyPerImage: Double { power * time / images }
    /// Whether the published number differs from the computed one by more than its last digit.
    public var isInconsistent: Bool { abs(publishedEnergyPerImage - energyPerImage) > 0.005 }
  }

  /// The fully connected network on an NVIDIA L4.
  public var fullyConnected = DigitalRun(power: 72, images: 64, time: 1.55, publishedEnergyPerImage: 1.74)
  /// The U-Net on an NVIDIA L4.
  public var uNet = DigitalRun(power: 72, images: 64, time: 4.60, publishedEnergyPerImage: 5.37)

  /// Denoising steps per image.
  public var stepsPerImage = 1000.0
  /// Pixels of an image.
  public var pixelsPerImage = 400.0

  /// Frames per second of the laboratory set-up.
  public var laboratoryFrameRate = 23_000.0
  /// Watts of modulator and camera of the laboratory set-up.
  public var laboratoryPower = 5.3

  /// Watts, frames per second and mirrors of the input modulator, and mirrors that make one 8-bit pixel.
  public var modulatorPower = 4.5
  public var modulatorFrameRate = 23_148.0
  public var modulatorMirrors = 1920.0 * 1080.0
  public var mirrorsPerPixel = 256.0

  /// Watts, frames per second and pixels of the camera.
  public var cameraPower = 3.0
  public var cameraFrameRate = 522.0
  public var cameraPixels = 0.4e6

  /// Bits of the detected value, layers and their efficiency, detector efficiency, and wavelength in metres.
  public var detectorBits = 8.0
  public var layers = 4.0
  public var layerEfficiency = 0.9
  public var detectorEfficiency = 0.5
  public var wavelength = 850e-9

  public init() {}

  /// Images per second of the laboratory set-up.
  public var laboratoryImageRate: Double { laboratoryFrameRate / stepsPerImage }
  /// Joules per image of the laboratory set-up.
  public var laboratoryEnergyPerImage: Double { laboratoryPower / laboratoryImageRate }

  /// Joules per 8-bit pixel shown by the modulator.
  public var modulatorEnergyPerPixel: Double {
    modulatorPower / (modulatorFrameRate * modulatorMirrors) * mirrorsPerPixel
  }
  /// Joules per pixel read by the camera.
  public var cameraEnergyPerPixel: Double { cameraPower / (cameraFrameRate * cameraPixels) }
  /// Joules per image when only the used pixels cost.
  public var projectedEnergyPerImage: Double {
    (modulatorEnergyPerPixel + cameraEnergyPerPixel) * pixelsPerImage * stepsPerImage
  }

  /// Photons per pixel at the source for a detected value limited by shot noise.
  public var photonsPerPixel: Double {
    let signalToNoise = pow(10, (6.02 * detectorBits + 1.76) / 20)
    return signalToNoise * signalToNoise / (pow(layerEfficiency, layers) * detectorEfficiency)
  }
  /// Joules of light per pixel.
  public var opticalEnergyPerPixel: Double {
    let (planck, lightSpeed) = (6.626_070_15e-34, 299_792_458.0)
    return photonsPerPixel * planck * lightSpeed / wavelength
  }
  /// Joules of light per image.
  public var opticalEnergyPerImage: Double { opticalEnergyPerPixel * pixelsPerImage * stepsPerImage }

  /// Published numbers that do not follow from the assumptions, as sentences.
  public var inconsistencies: [String] {
    [("fully connected network", fullyConnected), ("U-Net", uNet)].filter { $0.1.isInconsistent }.map { name, run in
      "\(name): \(run.power) W for \(run.time) s and \(run.images) images is \(rounded(run.energyPerImage, decimals: 3)) J per image, "
        + "published \(run.publishedEnergyPerImage) J"
    }
  }
}
