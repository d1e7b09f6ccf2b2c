extension DetectorVariables.Index {
  /// The twin's parameter for a variable of the detector.
  var parameterName: String {
    switch self {
    case .shiftX: "detectorShiftX"
    case .shiftY: "detectorShiftY"
    case .rotation: "detectorRotation"
    case .scale: "detectorScale"
    case .aspect: "detectorAspect"
    case .shear: "detectorShear"
    case .keystoneX: "detectorKeystoneX"
    case .keystoneY: "detectorKeystoneY"
    case .pointSpread: "pointSpread"
    case .gain: "gain"
    case .exposure: "exposure"
    case .offset: "offset"
    case .power: "power"
    }
  }

  /// Whether it tells where the detector lies on the output plane.
  var isRegistration: Bool {
    switch self {
    case .shiftX, .shiftY, .rotation, .scale, .aspect, .shear, .keystoneX, .keystoneY: true
    case .pointSpread, .gain, .exposure, .offset, .power: false
    }
  }
}

extension DetectorVariables {
  init(_ parameters: TwinParameters) {
    self.init()
    for index in Index.allCases { self[index] = parameters[index.parameterName] }
  }
}
