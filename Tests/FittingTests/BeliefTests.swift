import Fitting
import Testing

@Suite struct BeliefTests {
  private let belief = Belief(centre: [1, -2], precision: [4, 1, 1, 3])

  @Test("what is believed costs ½(x − c)ᵀA(x − c), with its slope and curvature in the normal equations")
  func quadratic() {
    // (1, 3) from the centre: ½(4 + 2·3 + 27).
    #expect(belief.cost(at: [2, 1]) == 18.5)
    #expect(belief.slope(at: [2, 1]) == [7, 10])
    var normal = NormalEquations(unknowns: 2)
    normal.add(residuals: [1], columns: [[2], [0]])
    normal.add(belief, at: [2, 1])
    #expect(normal.cost == 19 && normal.slope == [9, 10] && normal.curvature == [8, 1, 1, 3])
  }

  @Test("independent beliefs have nothing beside the diagonal")
  func diagonal() {
    #expect(Belief(centre: [0, 0], precisions: [2, 5]).precision == [2, 0, 0, 5])
  }
}
