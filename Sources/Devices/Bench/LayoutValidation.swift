import Arrays

extension BenchLayout {
  /// Checks that every region lies on its device and that the numbers make sense.
  /// - Throws: ``BenchError/invalidLayout(key:value:accepted:)`` and
  ///   ``BenchError/outsideDevice(what:device:region:width:height:)``.
  public func validate(
    layerModulator: ModulatorDescription, inputModulator: ModulatorDescription, camera: CameraDescription
  ) throws {
    try requireCounts()
    try timing.validate()
    try requireLevels("layers.levelsPerTurn", layers.levelsPerTurn, 2...min(256, layerModulator.greyLevels))
    try requireLevels("input.fullLevel", input.fullLevel, 1...max(1, min(256, inputModulator.greyLevels) - 1))
    try requireRepresentable()
    let side = layers.grid * layers.scale
    for (index, origin) in layers.origins.enumerated() {
      try require(
        Region(x: origin.x, y: origin.y, width: side, height: side), named: "layer \(index)",
        on: layerModulator.name, layerModulator.width, layerModulator.height)
    }
    let image = input.size * input.scale
    try require(
      Region(x: input.origin.x, y: input.origin.y, width: image, height: image), named: "the input",
      on: inputModulator.name, inputModulator.width, inputModulator.height)
    try require(self.camera.region, named: "the camera region", on: camera.name, camera.width, camera.height)
  }

  private func requireCounts() throws {
    let counts = [
      ("layers.origins", layers.origins.count), ("layers.grid", layers.grid), ("layers.scale", layers.scale),
      ("input.size", input.size), ("input.scale", input.scale), ("timing.uploadCount", timing.uploadCount ?? 1),
    ]
    for (key, count) in counts where count < 1 {
      throw BenchError.invalidLayout(key: key, value: "\(count)", accepted: "at least 1")
    }
  }

  /// What the panels are asked to show must be what they can show.
  private func requireRepresentable() throws {
    if let problem = layers.problem {
      throw BenchError.invalidLayout(key: "layers.levelsPerTurn", value: "\(layers.levelsPerTurn)", accepted: problem)
    }
    if let problem = input.problem {
      throw BenchError.invalidLayout(key: "input.\(problem.key)", value: "\(problem.value)", accepted: problem.accepted)
    }
    guard input.onLayerModulator else { return }
    let image = Region(
      x: input.origin.x, y: input.origin.y, width: input.size * input.scale, height: input.size * input.scale)
    if let layer = layers.layer(under: image) {
      throw BenchError.invalidLayout(
        key: "input.origin", value: "(\(image.x), \(image.y))",
        accepted: "a place where the image covers no layer; it covers \(layer)")
    }
  }

  private func requireLevels(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw BenchError.invalidLayout(
        key: key, value: "\(value)", accepted: "\(range.lowerBound)…\(range.upperBound), as the modulator has levels")
    }
  }

  private func require(_ region: Region, named what: String, on device: String, _ width: Int, _ height: Int) throws {
    let fits =
      region.x >= 0 && region.y >= 0 && region.width >= 1 && region.height >= 1
      && region.width <= width - region.x && region.height <= height - region.y
    guard fits else {
      throw BenchError.outsideDevice(what: what, device: device, region: region, width: width, height: height)
    }
  }
}

extension LayerLayout {
  /// What to give for `levelsPerTurn` so that each phase has a level; nil when each has.
  public var problem: String? {
    guard let phases, phases < 1 || levelsPerTurn % phases != 0 else { return nil }
    return "a multiple of the \(phases) phases of modulator.levels, or change those"
  }

  /// The number of the layer that shares pixels with a region.
  public func layer(under region: Region) -> Int? {
    let side = grid * scale
    return origins.firstIndex { origin in
      origin.x < region.x + region.width && region.x < origin.x + side
        && origin.y < region.y + region.height && region.y < origin.y + side
    }
  }
}

extension InputLayout {
  /// What keeps the panel from showing the values of an image: the key, its value and what to give instead.
  public var problem: (key: String, value: Int, accepted: String)? {
    if let mirrors {
      guard mirrors < 1 || scale % mirrors != 0 else { return nil }
      return (
        "scale", scale,
        "a multiple of input.block, \(mirrors): each of a pixel's \(mirrors) x \(mirrors) mirrors needs whole panel pixels"
      )
    }
    guard let values, values < 2 || fullLevel % (values - 1) != 0 else { return nil }
    return (
      "fullLevel", fullLevel,
      "a multiple of \(values - 1), so that each of the \(values) values of input.levels has a level of its own, or give "
        + "input.levels: \(fullLevel + 1)"
    )
  }
}

extension BenchTiming {
  /// Checks that every time is a sensible number of seconds and every threshold a fraction.
  /// - Throws: ``BenchError/invalidLayout(key:value:accepted:)``.
  func validate() throws {
    let times = [
      ("layerLatency", layerLatency ?? 0), ("layerSettle", layerSettle), ("inputLatency", inputLatency ?? 0),
      ("inputSettle", inputSettle), ("deadline", deadline), ("reconnectDeadline", reconnectDeadline),
    ]
    for (key, time) in times where !(0...3600).contains(time) {
      throw BenchError.invalidLayout(key: "timing.\(key)", value: "\(time)", accepted: "0…3600 seconds")
    }
    for (key, fraction) in [("blackThreshold", blackThreshold), ("lightThreshold", lightThreshold)]
    where !(0...1).contains(fraction) {
      throw BenchError.invalidLayout(key: "timing.\(key)", value: "\(fraction)", accepted: "a fraction, 0…1")
    }
  }
}

extension BenchLayout {
  /// Checks that there is a place for each layer and that every phase is finite.
  func validate(layers stack: Stack<Float>) throws {
    let expected = [layers.origins.count, layers.grid, layers.grid]
    let found = [stack.count, stack.height, stack.width]
    guard found == expected else { throw BenchError.wrongShape(what: "the layers", expected: expected, found: found) }
    try requireFinite(stack, "the layers")
  }

  /// Checks the size of the images and that every value is in 0…1, but for rounding.
  func validate(inputs: Stack<Float>) throws {
    let expected = [inputs.count, input.size, input.size]
    let found = [inputs.count, inputs.height, inputs.width]
    guard found == expected else { throw BenchError.wrongShape(what: "the images", expected: expected, found: found) }
    try requireFinite(inputs, "the images")
    if let index = inputs.values.firstIndex(where: { $0 < -1e-5 || $0 > 1 + 1e-5 }) {
      let (plane, y, x) = position(of: index, in: inputs)
      throw BenchError.outOfRange(value: inputs.values[index], plane: plane, y: y, x: x)
    }
  }

  private func requireFinite(_ stack: Stack<Float>, _ what: String) throws {
    if let index = stack.values.firstIndex(where: { !$0.isFinite }) {
      let (plane, y, x) = position(of: index, in: stack)
      throw BenchError.notFinite(what: what, plane: plane, y: y, x: x)
    }
  }

  private func position(of index: Int, in stack: Stack<Float>) -> (plane: Int, y: Int, x: Int) {
    (index / stack.planeSize, index % stack.planeSize / stack.width, index % stack.width)
  }
}
