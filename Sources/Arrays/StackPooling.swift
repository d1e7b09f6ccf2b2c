extension Stack {
  /// The mean over blocks of `block`² values; height and width must be divisible by it.
  public func pooled(by block: Int) -> Stack {
    guard block > 1 else { return self }
    var result = Stack(count: count, height: height / block, width: width / block)
    let scale = 1 / Scalar(block * block)
    for plane in 0..<count {
      for y in 0..<result.height * block {
        for x in 0..<result.width * block { result[plane, y / block, x / block] += self[plane, y, x] * scale }
      }
    }
    return result
  }
}
