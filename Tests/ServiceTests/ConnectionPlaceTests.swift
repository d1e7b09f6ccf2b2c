import Access
import Arrays
import Concurrency
import Foundation
import NIOCore
import NIOEmbedded
import Testing

/// Who gets a connection when many want one.
@Suite struct ConnectionPlaceTests {
  private static func user(_ number: Int) -> Peer { .process(user: uid_t(number), group: 0) }

  @Test("users without a role get few places together, however many they are, and keep nobody else from theirs")
  func strangers() {
    let watch = ConnectionWatch()
    let room = Room(watch)
    for user in 0..<400 {
      for _ in 0..<64 { room.enter(Self.user(60_000 + user), .stranger) }
    }
    #expect(watch.connections == 32)
    for user in 1...3 {
      for _ in 0..<64 { #expect(room.enter(Self.user(user), .member)) }
    }
    #expect(room.enter(Self.user(4), .member) && room.enter(Self.user(0), .owner))
  }

  @Test("of those without a role one user alone does not get all the places")
  func greedyStranger() {
    let room = Room(ConnectionWatch())
    let served = (0..<64).count { _ in room.enter(Self.user(60_000), .stranger) }
    #expect(served == 16)
    #expect(room.enter(Self.user(60_001), .stranger))
  }

  @Test("a user with a role always gets a place, from whoever has most, and never the last ones, which are root's")
  func members() {
    let watch = ConnectionWatch()
    let room = Room(watch)
    for user in 1...5 {
      for _ in 0..<64 { room.enter(Self.user(user), .member) }
    }
    #expect(watch.connections == 240)
    for user in 6...20 { #expect(room.enter(Self.user(user), .member), "user \(user)") }
    #expect(watch.connections == 240)
    for _ in 0..<16 { #expect(room.enter(Self.user(0), .owner)) }
    #expect(watch.connections == 256 && room.enter(Self.user(0), .owner) && watch.connections == 256)
    #expect(room.closed.allSatisfy { $0 != Self.user(0) })
  }

  @Test("a connection that rests gives way before one that is used")
  func idleFirst() throws {
    var limits = ConnectionLimits()
    (limits.connections, limits.reserved) = (5, 1)
    let watch = ConnectionWatch(limits: limits)
    let closed = Closed()
    let places = try (0..<4).map { number in
      let entered = watch.enter(Self.user(1), .member) { closed.add("\(number)") }
      return try #require(entered)
    }
    for number in [0, 1, 3] { watch.note(places[number], isIdle: false) }
    let entered = watch.enter(Self.user(2), .member) { closed.add("4") }
    let second = try #require(entered)
    #expect(closed.names == ["2"])
    watch.note(second, isIdle: false)
    let next = watch.enter(Self.user(2), .member) { closed.add("5") }
    let third = try #require(next)
    #expect(closed.names == ["2", "3"])
    // Two each is fair: nobody loses one in use for more than that.
    watch.note(third, isIdle: false)
    let fourth = watch.enter(Self.user(2), .member, close: {})
    #expect(fourth == nil && closed.names == ["2", "3"])
    // One's own that rests is given up.
    watch.note(second, isIdle: true)
    let fifth = watch.enter(Self.user(2), .member, close: {})
    #expect(fifth != nil && closed.names == ["2", "3", "4"])
  }

  @Test("with a role one gets a place also when everybody has one, in use or not, and is found out about for that")
  func full() throws {
    for isIdle in [true, false] {
      let watch = ConnectionWatch()
      let room = Room(watch)
      for user in 1...240 { room.enter(Self.user(user), .member, isIdle: isIdle) }
      #expect(watch.connections == 240)
      for user in 1001...1100 {
        let entered = watch.enter(Self.user(user), .pending, close: {})
        let place = try #require(entered, "user \(user), while connections rest: \(isIdle)")
        #expect(watch.change(place, to: .member), "user \(user), while connections rest: \(isIdle)")
        watch.note(place, isIdle: isIdle)
        let token = watch.enter(.remote("192.0.2.\(user - 1000)"), .unproven, close: {})
        #expect(token != nil)
      }
      #expect(watch.connections == 240)
      // Those of whom nothing is known take no more than a few places from the others.
      for host in 0..<500 { room.enter(.remote("203.0.113.\(host)"), .unproven) }
      for user in 0..<500 { room.enter(Self.user(60_000 + user), .pending) }
      #expect(watch.connections == 240)
      let members = watch.connections - 8
      #expect(members == 232 && room.enter(Self.user(0), .owner))
    }
  }

  @Test("on TCP the client that rests longest without a token makes way, so that a token always gets in")
  func tokens() throws {
    let watch = ConnectionWatch()
    let room = Room(watch)
    for host in 0..<500 { #expect(room.enter(.remote("192.0.2.\(host)"), .unproven)) }
    #expect(watch.connections == 32)
    let entered = watch.enter(.remote("198.51.100.7"), .unproven, close: {})
    let place = try #require(entered)
    #expect(watch.change(place, to: .member))
    for host in 0..<500 { room.enter(.remote("203.0.113.\(host)"), .unproven) }
    watch.leave(place)
    #expect(watch.connections == 32)
  }

  @Test("a network of IPv6 is one client, of which the newest connections without a token stay")
  func network() {
    let watch = ConnectionWatch()
    let room = Room(watch)
    let served = (0..<64).count { room.enter(.remote("2001:db8:0:1::\($0 + 1)"), .unproven) }
    #expect(served == 64 && watch.connections == 16)
    #expect(room.closed == (0..<48).map { .remote("2001:db8:0:1::\($0 + 1)") })
  }

  @Test("a token gets in although others fill the places of its address, in use or not, without a token or with one")
  func sharedAddress() throws {
    for isIdle in [true, false] {
      let (watch, address) = (ConnectionWatch(), Peer.remote("192.0.2.1"))
      let room = Room(watch)
      // Somebody else's token, behind the same proxy, with all that it may have.
      for _ in 0..<64 {
        let channel = EmbeddedChannel()
        let entered = watch.enter(address, .unproven, channel: channel, close: {})
        let place = try #require(entered)
        #expect(watch.prove(channel, token: 0))
        watch.note(place, isIdle: isIdle)
      }
      for _ in 0..<100 { room.enter(address, .unproven, isIdle: isIdle) }
      let channel = EmbeddedChannel()
      let place = watch.enter(address, .unproven, channel: channel, close: {})
      #expect(place != nil && watch.prove(channel, token: 1), "while connections rest: \(isIdle)")
      // One more of the first token gets in for one that rests, or not at all; it keeps its place to be told so.
      let other = EmbeddedChannel()
      #expect(watch.enter(address, .unproven, channel: other, close: {}) != nil)
      #expect(watch.prove(other, token: 0) == isIdle && watch.prove(other, token: 1))
    }
  }

  @Test("a connection that loses its place before its token is read has it back with the token, and is closed without")
  func lastWord() throws {
    let (watch, address) = (ConnectionWatch(), Peer.remote("192.0.2.1"))
    // More than one address may have, as one turn of the loop takes them from the listener.
    let channels = try (0..<19).map { _ in
      let channel = EmbeddedChannel()
      try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
      #expect(watch.enter(address, .unproven, channel: channel) { watch.dismiss(channel) } != nil)
      return channel
    }
    #expect(watch.connections == 16 && channels.allSatisfy(\.isActive))
    #expect(watch.prove(channels[1], token: 0))
    #expect(watch.connections == 17)
    for channel in channels { channel.embeddedEventLoop.advanceTime(by: .seconds(1)) }
    #expect(channels.map(\.isActive) == [false, true, false] + [Bool](repeating: true, count: 16))
  }

  @Test("of the connections that lose their places without a token no more wait for it than there may be connections")
  func leavingIsBounded() throws {
    var limits = ConnectionLimits()
    (limits.connections, limits.reserved, limits.connectionsOfStranger) = (8, 1, 2)
    let (watch, address) = (ConnectionWatch(limits: limits), Peer.remote("192.0.2.1"))
    let channels = try (0..<20).map { _ in
      let channel = EmbeddedChannel()
      try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
      #expect(watch.enter(address, .unproven, channel: channel) { watch.dismiss(channel) } != nil)
      return channel
    }
    // Two have places, the eight before them wait, and the oldest ten are closed already.
    #expect(channels.map(\.isActive) == [Bool](repeating: false, count: 10) + [Bool](repeating: true, count: 10))
    #expect(watch.connections == 2)
  }

  @Test("whatever comes and goes, the limits hold and the count is right")
  func counts() {
    var random = CounterRandom(seed: 9).generator()
    let watch = ConnectionWatch()
    var places: [ConnectionWatch.Place] = []
    for step in 0..<20_000 {
      if Bool.random(using: &random), let index = places.indices.randomElement(using: &random) {
        watch.leave(places.remove(at: index))
        continue
      }
      let standing = Standing.allCases[Int.random(in: 0..<Standing.allCases.count, using: &random)]
      let peer = Self.user(standing.rawValue * 100 + Int.random(in: 0..<9, using: &random))
      if let place = watch.enter(peer, standing, close: {}) { places.append(place) }
      #expect(watch.connections <= 256, "step \(step)")
    }
    for place in places { watch.leave(place) }
    #expect(watch.connections == 0)
  }
}

/// What was closed, in order.
private final class Closed: Sendable {
  private let list = Locked<[String]>([])

  var names: [String] { list.withLock { $0 } }

  func add(_ name: String) { list.withLock { $0.append(name) } }
}

/// Remembers whose connections were closed in favour of others.
private final class Room: Sendable {
  private let watch: ConnectionWatch
  private let list = Locked<[Peer]>([])

  init(_ watch: ConnectionWatch) { self.watch = watch }

  var closed: [Peer] { list.withLock { $0 } }

  @discardableResult func enter(_ peer: Peer, _ standing: Standing, isIdle: Bool = true) -> Bool {
    guard let place = watch.enter(peer, standing, close: { [list] in list.withLock { $0.append(peer) } }) else {
      return false
    }
    watch.note(place, isIdle: isIdle)
    return true
  }
}
