import Arrays
import Testing

@Suite struct CounterRandomTests {
  @Test("Philox4x32-10 gives the known answers of Random123")
  func knownAnswers() {
    typealias Words = SIMD4<UInt32>
    #expect(
      CounterRandom.philox(counter: Words(repeating: 0), key: .zero)
        == Words(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      CounterRandom.philox(counter: Words(repeating: .max), key: SIMD2(repeating: .max))
        == Words(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      CounterRandom.philox(
        counter: Words(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: SIMD2(0xA409_3822, 0x299F_31D0))
        == Words(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test("seed, stream and position each reach the bits")
  func bitsComeFromTheBlock() {
    let random = CounterRandom(seed: 0x299F_31D0_A409_3822, stream: 0x0370_7344_1319_8A2E)
    #expect(random.bits(at: 0x85A3_08D3_243F_6A88 &* 2) == random.bits(at: 0x05A3_08D3_243F_6A88 &* 2))
    let zero = CounterRandom(seed: 0)
    #expect(zero.bits(at: 0) == 0xE169_C58D_6627_E8D5)
    #expect(zero.bits(at: 1) == 0x9B00_DBD8_BC57_AC4C)
  }

  @Test("a filled array holds the numbers of its positions, wherever it starts", arguments: [UInt64(0), 1, 7, 1 << 40])
  func fillMatchesPositions(start: UInt64) {
    let random = CounterRandom(seed: 5, stream: 9)
    for count in [1, 2, 9] {
      var values = [Float](repeating: .nan, count: count)
      random.fillNormal(into: &values, from: start)
      #expect(values == (0..<UInt64(count)).map { Float(random.normal(at: start + $0)) })
    }
  }

  @Test("normal numbers have the moments of the standard normal distribution")
  func normalMoments() {
    var values = [Double](repeating: 0, count: 200_000)
    CounterRandom(seed: 11).fillNormal(into: &values)
    let moments = (1...4).map { order in
      values.reduce(0) { sum, value in sum + (0..<order).reduce(1) { power, _ in power * value } } / 200_000
    }
    #expect(abs(moments[0]) < 0.01)
    #expect(abs(moments[1] - 1) < 0.02)
    #expect(abs(moments[2]) < 0.04)
    #expect(abs(moments[3] - 3) < 0.12)
  }

  @Test("bounded integers are even, children and named streams differ and repeat")
  func streams() {
    let random = CounterRandom(seed: 1)
    var counts = [0, 0, 0]
    for position in 0..<UInt64(30_000) { counts[random.integer(below: 3, at: position)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
    let streams = [random, random.child(0), random.child(1), random.child(0).child(1), random.stream(named: "a")]
    #expect(Set(streams.map { $0.bits(at: 0) }).count == streams.count)
    #expect(random.stream(named: "a") == CounterRandom(seed: 1).stream(named: "a"))
    var generator = random.generator(from: 3)
    #expect([generator.next(), generator.next()] == [random.bits(at: 3), random.bits(at: 4)])
  }
}
