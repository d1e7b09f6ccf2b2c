import Arrays
import Fitting
import Testing

@Suite struct SymmetricEigenTests {
  @Test("eigenvectors are orthonormal and give the matrix back", arguments: [1, 2, 3, 20])
  func eigen(order: Int) {
    let random = CounterRandom(seed: UInt64(order))
    var matrix = [Double](repeating: 0, count: order * order)
    for row in 0..<order {
      for column in 0...row {
        let value = random.normal(at: UInt64(row * order + column))
        matrix[row * order + column] = value
        matrix[column * order + row] = value
      }
    }
    let eigen = SymmetricEigen(matrix, order: order)
    for row in 0..<order {
      for column in 0..<order {
        var (element, product) = (0.0, 0.0)
        for mode in 0..<order {
          element += eigen.values[mode] * eigen.vectors[mode * order + row] * eigen.vectors[mode * order + column]
          product += eigen.vectors[row * order + mode] * eigen.vectors[column * order + mode]
        }
        #expect(abs(element - matrix[row * order + column]) < 1e-12 * Double(order * order))
        #expect(abs(product - (row == column ? 1 : 0)) < 1e-12 * Double(order))
      }
    }
  }

  @Test("a matrix of rank one and a zero matrix are decomposed")
  func degenerate() {
    let ones = SymmetricEigen([Double](repeating: 1, count: 25), order: 5)
    #expect(zip(ones.values.sorted(), [0, 0, 0, 0, 5]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(SymmetricEigen([Double](repeating: 0, count: 9), order: 3).values == [0, 0, 0])
  }
}
