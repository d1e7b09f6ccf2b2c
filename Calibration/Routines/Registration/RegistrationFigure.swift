import Arrays
import Report

/// What the camera sees of images beside what the twin shows of them through the map that was found.
struct RegistrationFigure {
  private let looks: [(seen: Picture, predicted: Picture)]

  private static let side = 128

  init(_ fit: RegistrationFit) { looks = fit.looks }

  var table: PictureTable {
    let seen = looks.map(\.seen.asStack)
    let predicted = looks.map { $0.predicted.scaled(to: $0.seen).asStack }
    let brightest = (seen + predicted).flatMap(\.values).max() ?? 1
    return PictureTable(
      "The camera's view",
      summary:
        "of three images, as its pixels lie on the sensor. Here the light's angles are taken for a shift of the camera.",
      columns: [.init("Seen", low: 0, high: brightest), .init("Predicted", low: 0, high: brightest)],
      rows: looks.indices.map {
        .init("image \($0 + 1)", [seen[$0].meaned(to: Self.side), predicted[$0].meaned(to: Self.side)])
      })
  }
}

extension SensorMap {
  /// A picture of the plane, where the pixels of another picture look.
  func look(at plane: Picture, from sensor: Picture) -> Picture {
    Picture(
      width: sensor.width, height: sensor.height,
      values: (0..<sensor.values.count).map { index in
        let place = self(SIMD2(Double(index % sensor.width), Double(index / sensor.width)))
        return plane.look(place.x, place.y).value
      })
  }
}

extension Picture {
  fileprivate var asStack: Stack<Double> { Stack(count: 1, height: height, width: width, values: values) }

  /// As bright as another one.
  fileprivate func scaled(to other: Picture) -> Picture {
    let gain = values.gain(to: other.values)
    return Picture(width: width, height: height, values: values.map { $0 * gain })
  }
}
