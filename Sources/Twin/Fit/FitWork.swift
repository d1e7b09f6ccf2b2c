/// What parts of a fit take, in units of one frame computed at one sample per layer pixel. Measured on the profiles; it only has to be
/// about right, since how long a unit takes is seen while the fit runs.
enum FitWork {
  static func frame(sampling: Int, blur: FrameBlur = FrameBlur(sigma: 0)) -> Double {
    Double(sampling * sampling) + blurring(blur)
  }

  /// The reverse pass of a frame, in single precision.
  static func slope(sampling: Int) -> Double { 1.5 * frame(sampling: sampling) }

  /// A frame with one column for each parameter: changes of the light travel, and layers that move are interpolated again.
  static func derivatives(
    of moving: [TwinParameter], sampling: Int, blur: FrameBlur = FrameBlur(sigma: 0)
  ) -> Double {
    let columns = moving.reduce(1.5) { sum, parameter in
      switch parameter.group {
      case .registration, .detector: sum + 0.2
      case .placement: sum + 1.2
      default: sum + 0.6
      }
    }
    return columns * frame(sampling: sampling) + Double(moving.count + 1) * blurring(blur)
  }

  /// One product of the derivatives of a frame by maps, in single precision.
  static func product(sampling: Int) -> Double { 0.5 * frame(sampling: sampling) }

  private static func blurring(_ blur: FrameBlur) -> Double { blur.sigma > 0 ? 0.2 + 0.1 * blur.sigma : 0 }

  /// What ``FitProblem/information(at:finer:considering:)`` does with a frame.
  static func information(
    _ moving: [TwinParameter], sampling: Int, considered: [TwinParameter], isDoubted: Bool
  ) -> Double {
    derivatives(of: moving, sampling: sampling)
      + (isDoubted ? derivatives(of: moving, sampling: 2 * sampling) : 0)
      + (considered.isEmpty ? 0 : derivatives(of: considered, sampling: sampling))
  }
}
