/// What a calibration can find out about a bench. The order is that in which products build on each other.
public enum ProductKind: String, Sendable, Codable, CaseIterable {
  /// What the camera makes of light: dark level, gain, noise, saturation, pixels that are hot or dead.
  case camera
  /// How long the modulators take from a command to light.
  case timing
  /// How the camera shows the detector plane, and where layers and detector lie.
  case registration
  /// The phase that the modulator makes of a command.
  case response
  /// How far a pixel's phase reaches to its neighbours, and the part of it that is modulated.
  case crosstalk
  /// Amplitude and wavefront of the light.
  case source
  /// The light's way as a whole: gap or spacing, the angles of mirror and beam.
  case alignment
  /// All parameters of the twin, found together.
  case twin
}
