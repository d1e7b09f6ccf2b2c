import Arrays
import Testing

@Suite struct OrientationTests {
  /// A letter that none of the eight ways maps on itself, wider than a square would be, and what each way shows.
  private static let letter = ["###", "#..", "##.", "#..", "#.."]
  private static let shown: [Orientation: [String]] = [
    .upright: ["###", "#..", "##.", "#..", "#.."],
    .rotated90: ["#####", "..#.#", "....#"],
    .rotated180: ["..#", "..#", ".##", "..#", "###"],
    .rotated270: ["#....", "#.#..", "#####"],
    .mirrored: ["###", "..#", ".##", "..#", "..#"],
    .mirroredRotated90: ["....#", "..#.#", "#####"],
    .mirroredRotated180: ["#..", "#..", "##.", "#..", "###"],
    .mirroredRotated270: ["#####", "#.#..", "#...."],
  ]

  private func stack(_ rows: [String]) -> Stack<Float> {
    Stack(
      count: 1, height: rows.count, width: rows[0].count,
      values: rows.flatMap { $0.map { $0 == "#" ? 1 : 0 } })
  }

  @Test("the letter F looks as the guide draws it", arguments: Orientation.allCases)
  func letter(orientation: Orientation) throws {
    let picture = orientation.pictures(of: stack(Self.letter))
    #expect(picture == stack(try #require(Self.shown[orientation])))
    #expect(orientation.planes(in: picture) == stack(Self.letter))
    #expect(orientation.size(ofPlane: 3, 5) == (picture.width, picture.height))
  }

  @Test("one after the other is what it says", arguments: Orientation.allCases)
  func composition(first: Orientation) {
    for second in Orientation.allCases {
      let both = second.after(first)
      #expect(both.pictures(of: stack(Self.letter)) == second.pictures(of: first.pictures(of: stack(Self.letter))))
    }
    #expect(first.after(first.inverse) == .upright && first.inverse.after(first) == .upright)
    #expect(Orientation(quarterTurns: first.quarterTurns - 8, isMirrored: first.isMirrored) == first)
  }
}
