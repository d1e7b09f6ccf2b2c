import Glibc

/// The eigenvalues and eigenvectors of a real symmetric matrix: Householder reduction to tridiagonal form, then QL with
/// implicit shifts (Martin, Reinsch and Wilkinson, Numer. Math. 11, 1968).
public struct SymmetricEigen: Sendable {
  /// In no particular order.
  public let values: [Double]
  /// Row k is the unit eigenvector of `values[k]`.
  public let vectors: [Double]

  /// - Parameter matrix: `[order, order]`, row-major and symmetric; finite.
  public init(_ matrix: [Double], order: Int) {
    precondition(matrix.count == order * order, "a matrix needs order² elements")
    var diagonal = [Double](repeating: 0, count: order)
    var offDiagonal = [Double](repeating: 0, count: order)
    var basis = matrix
    basis.withUnsafeMutableBufferPointer { basis in
      Self.tridiagonalize(basis, &diagonal, &offDiagonal)
      Self.diagonalize(basis, &diagonal, &offDiagonal)
    }
    values = diagonal
    vectors = basis
  }

  /// Leaves in the rows of `a` the basis in which the matrix is tridiagonal.
  private static func tridiagonalize(_ a: UnsafeMutableBufferPointer<Double>, _ d: inout [Double], _ e: inout [Double])
  {
    let n = d.count
    var reflectors: [[Double]] = []
    for k in 0..<max(0, n - 2) {
      var v = [Double](repeating: 0, count: n)
      for j in k + 1..<n { v[j] = a[k * n + j] }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      v[k + 1] += v[k + 1] < 0 ? -norm : norm
      let squared = v.reduce(0) { $0 + $1 * $1 }
      if squared > 0 {
        for j in k + 1..<n { v[j] *= (2 / squared).squareRoot() }
        reflect(a, v, from: k, n)
      }
      reflectors.append(v)
    }
    for k in 0..<n {
      d[k] = a[k * n + k]
      e[k] = k + 1 < n ? a[k * n + k + 1] : 0
    }
    for index in a.indices { a[index] = index % (n + 1) == 0 ? 1 : 0 }
    // Rows of a become those of the product of the reflectors, transposed; reflector k leaves rows 0...k alone.
    for (k, v) in reflectors.enumerated().reversed() { reflectColumns(a, v, from: k + 1, n) }
    transpose(a, n)
  }

  /// a ← (1 − vvᵀ)·a·(1 − vvᵀ) on rows and columns from `first` on, with |v|² = 2.
  private static func reflect(_ a: UnsafeMutableBufferPointer<Double>, _ v: [Double], from first: Int, _ n: Int) {
    var p = [Double](repeating: 0, count: n)
    for i in first..<n {
      var sum = 0.0
      for j in first..<n { sum += a[i * n + j] * v[j] }
      p[i] = sum
    }
    var half = 0.0
    for i in first..<n { half += p[i] * v[i] / 2 }
    for i in first..<n { p[i] -= half * v[i] }
    for i in first..<n {
      for j in first..<n { a[i * n + j] -= v[i] * p[j] + p[i] * v[j] }
    }
  }

  /// a ← (1 − vvᵀ)·a on rows and columns from `first` on.
  private static func reflectColumns(_ a: UnsafeMutableBufferPointer<Double>, _ v: [Double], from first: Int, _ n: Int)
  {
    var p = [Double](repeating: 0, count: n)
    for i in first..<n {
      for j in first..<n { p[j] += v[i] * a[i * n + j] }
    }
    for i in first..<n {
      for j in first..<n { a[i * n + j] -= v[i] * p[j] }
    }
  }

  private static func transpose(_ a: UnsafeMutableBufferPointer<Double>, _ n: Int) {
    for i in 0..<n {
      for j in 0..<i { a.swapAt(i * n + j, j * n + i) }
    }
  }

  /// Turns the rows of `z` until the tridiagonal matrix of diagonal `d` and off-diagonal `e` is diagonal.
  private static func diagonalize(_ z: UnsafeMutableBufferPointer<Double>, _ d: inout [Double], _ e: inout [Double]) {
    let n = d.count
    let scale = zip(d, e).reduce(0) { max($0, abs($1.0) + abs($1.1)) }
    for l in 0..<n {
      while true {
        var m = l
        while m < n - 1, abs(e[m]) > .ulpOfOne * max(abs(d[m]) + abs(d[m + 1]), .ulpOfOne * scale) { m += 1 }
        if m == l { break }
        sweep(z, &d, &e, from: l, to: m, n)
      }
    }
  }

  /// One implicit QL step on the block l...m.
  private static func sweep(
    _ z: UnsafeMutableBufferPointer<Double>, _ d: inout [Double], _ e: inout [Double], from l: Int, to m: Int, _ n: Int
  ) {
    var g = (d[l + 1] - d[l]) / (2 * e[l])
    g = d[m] - d[l] + e[l] / (g + (g < 0 ? -1 : 1) * hypot(g, 1))
    var (s, c, p) = (1.0, 1.0, 0.0)
    for i in stride(from: m - 1, through: l, by: -1) {
      let (f, b) = (s * e[i], c * e[i])
      let r = hypot(f, g)
      e[i + 1] = r
      if r == 0 {
        d[i + 1] -= p
        e[m] = 0
        return
      }
      (s, c) = (f / r, g / r)
      g = d[i + 1] - p
      let t = (d[i] - g) * s + 2 * c * b
      p = s * t
      d[i + 1] = g + p
      g = c * t - b
      for k in 0..<n {
        let (low, high) = (z[i * n + k], z[(i + 1) * n + k])
        z[(i + 1) * n + k] = s * low + c * high
        z[i * n + k] = c * low - s * high
      }
    }
    d[l] -= p
    e[l] = g
    e[m] = 0
  }
}
