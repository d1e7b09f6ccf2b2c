import Concurrency
import Devices
import Foundation
import Glibc
import Hotplug
import Testing

@Suite("udev")
struct UdevTests {
  /// Whether this process can make the kernel announce a change of a device; only root may.
  static var mayAnnounce: Bool { access("/sys/class/mem/null/uevent", W_OK) == 0 }

  static func announce(_ device: String) throws {
    try Data("change".utf8).write(to: URL(fileURLWithPath: "/sys/class/\(device)/uevent"), options: [])
  }

  @Test(
    "tells of what the kernel announces of the devices asked for",
    .enabled(if: mayAnnounce, "only root can make the kernel announce a device"), .timeLimit(.minutes(15)))
  func announcements() async throws {
    let watch = UdevWatch(filters: [UdevFilter("mem")], udevRuns: false)
    #expect(watch.source == .kernel)
    let other = watch.listener()
    try Self.announce("mem/null")
    try await watch.waitForChange(until: .max)
    try await other.waitForChange(until: .max)
    try Self.announce("mem/null")
    try await watch.waitForChange(until: .max)
  }

  @Test(
    "does not tell of other devices",
    .enabled(if: mayAnnounce, "only root can make the kernel announce a device"), .timeLimit(.minutes(15)))
  func filtered() async throws {
    let watch = UdevWatch(filters: [UdevFilter("tty")], udevRuns: false)
    for _ in 0..<5 { try Self.announce("mem/null") }
    try Self.announce("tty/tty")
    try await watch.waitForChange(until: .max)
    // One, unless something else on the machine announced a terminal meanwhile.
    #expect((1..<5).contains(watch.changes))
  }

  @Test("says once that udev does not run, and that it does not tell of what is not announced")
  func fallback() async throws {
    let lines = Locked<[String]>([])
    let watch = UdevWatch(filters: UdevFilter.bench, udevRuns: false, clock: EndedClock()) { line in
      lines.withLock { $0.append(line) }
    }
    try await watch.waitForChange(until: 0)
    try await watch.waitForChange(until: 0)
    #expect(lines.withLock { $0.count } == 1)
    #expect(lines.withLock { $0.first?.contains("udev") } == true)
  }

  @Test("lists the kernel's devices as sysfs does")
  func list() throws {
    let folder = "/sys/class/mem"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    let devices = UdevDevice.all(matching: [UdevFilter("mem")])
    #expect(devices.map(\.name).sorted() == names)
    let null = try #require(devices.first { $0.name == "null" })
    #expect(null.node == "/dev/null")
    #expect(null.subsystem == "mem")
    #expect(null.properties["MAJOR"] == "1")
    #expect(null.properties["MINOR"] == "3")
    #expect(UdevDevice.all(matching: [UdevFilter("mem", deviceType: "usb_device")]).isEmpty)
    #expect(UdevDevice.all(matching: [UdevFilter("no such subsystem")]).isEmpty)
  }
}

/// Every deadline has passed.
private struct EndedClock: BenchClock {
  var now: UInt64 { .max }
  func wait(until deadline: UInt64) async throws { try Task.checkCancellation() }
}
