import Arrays
import Devices

/// How the pixels of a sensor differ from one another.
public struct PixelDefects: Sendable, Codable, Equatable {
  /// Number of pixels that are bright in the dark, and by which part of full scale.
  public var hot: Int
  public var hotLevel: Double
  /// Number of pixels that no light reaches.
  public var dead: Int
  /// Standard deviation of the pixels' dark levels, as part of full scale, and of their response to light.
  public var darkSpread: Double
  public var responseSpread: Double

  public init(
    hot: Int = 0, hotLevel: Double = 0.2, dead: Int = 0, darkSpread: Double = 0, responseSpread: Double = 0
  ) {
    self.hot = hot
    self.hotLevel = hotLevel
    self.dead = dead
    self.darkSpread = darkSpread
    self.responseSpread = responseSpread
  }

  /// Pixels that are all alike.
  public static let none = PixelDefects()

  var isNone: Bool { hot == 0 && dead == 0 && darkSpread == 0 && responseSpread == 0 }
}

/// What each pixel of a sensor makes of light. Only tests see it.
package struct PixelMap: Sendable {
  /// Added to the dark level, as part of full scale.
  let dark: [Double]
  /// Charge for each that a pixel without defects has.
  let response: [Double]
  package let hot: [PanelPoint]
  package let dead: [PanelPoint]

  init(_ defects: PixelDefects, width: Int, height: Int, seed: UInt64) {
    let random = CounterRandom(seed: seed)
    let (levels, responses) = (random.stream(named: "dark levels"), random.stream(named: "responses"))
    let count = width * height
    var dark = (0..<count).map { defects.darkSpread * levels.normal(at: UInt64($0)) }
    var response = (0..<count).map { 1 + defects.responseSpread * responses.normal(at: UInt64($0)) }
    // Places are drawn again until they differ.
    let places = random.stream(named: "defects")
    var chosen: [Int] = []
    var draw: UInt64 = 0
    while chosen.count < min(defects.hot + defects.dead, count) {
      let place = places.integer(below: count, at: draw)
      draw += 1
      if !chosen.contains(place) { chosen.append(place) }
    }
    for place in chosen.prefix(defects.hot) { dark[place] += defects.hotLevel }
    for place in chosen.dropFirst(defects.hot) { response[place] = 0 }
    func points(_ places: some Sequence<Int>) -> [PanelPoint] {
      places.sorted().map { PanelPoint(x: $0 % width, y: $0 / width) }
    }
    (hot, self.dead) = (points(chosen.prefix(defects.hot)), points(chosen.dropFirst(defects.hot)))
    (self.dark, self.response) = (dark, response)
  }
}
