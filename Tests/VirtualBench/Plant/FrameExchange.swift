import Devices
import Foundation
import Synchronization

/// The memory that guest and host share: a header, the panel's levels, and the camera's frame. `plant.c` has the other end.
struct FrameExchange {
  private static let magic: UInt32 = 0x0d0b_1e55
  private static let page = 4096

  /// The words of the header.
  private enum Word: Int {
    case magic, panelWidth, panelHeight, cameraWidth, cameraHeight, request, response
  }

  private let memory: UnsafeMutableRawPointer
  private let panel: (width: Int, height: Int)
  private let camera: (width: Int, height: Int)

  /// Maps the file; the memory stays mapped as long as the process lives.
  init(path: String, panel: (Int, Int), camera: (Int, Int)) throws {
    self.panel = panel
    self.camera = camera
    let descriptor = open(path, O_RDWR)
    guard descriptor >= 0 else {
      throw VirtualPlantError.memory(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    let needed = Self.frameOffset(of: panel) + camera.0 * camera.1 * 2
    guard fstat(descriptor, &status) == 0, Int(status.st_size) >= needed else {
      throw VirtualPlantError.memory(path: path, reason: "has \(status.st_size) bytes, \(needed) are needed")
    }
    let mapped = mmap(nil, Int(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED else {
      throw VirtualPlantError.memory(path: path, reason: "cannot be mapped")
    }
    memory = mapped
  }

  /// Waits for the guest to ask, and returns the levels of its panel; nil when the panel has not the size of the bench's,
  /// as before the bench has set its mode.
  /// - Throws: ``VirtualPlantError/wrongSize(what:guest:here:)`` for a camera of another size.
  func nextPanel() async throws -> Pattern? {
    while load(.magic) != Self.magic || load(.request) == load(.response) {
      try await Task.sleep(nanoseconds: 200_000)
    }
    guard has(.cameraWidth, .cameraHeight, camera) else {
      throw VirtualPlantError.wrongSize(
        what: "camera", guest: [load(.cameraWidth), load(.cameraHeight)], here: [camera.width, camera.height])
    }
    guard has(.panelWidth, .panelHeight, panel) else { return nil }
    var pattern = Pattern(width: panel.width, height: panel.height)
    let levels = UnsafeRawBufferPointer(start: memory + Self.page, count: panel.width * panel.height)
    pattern.levels.withUnsafeMutableBytes { $0.copyMemory(from: levels) }
    return pattern
  }

  /// Gives the guest the frame that it asked for; where its panel has another size than the bench's, none.
  func answer(_ frame: [UInt16]?) {
    frame?.withUnsafeBytes { pixels in
      guard let start = pixels.baseAddress else { return }
      (memory + Self.frameOffset(of: panel)).copyMemory(
        from: start, byteCount: min(pixels.count, camera.width * camera.height * 2))
    }
    word(.response).pointee.store(load(.request), ordering: .releasing)
  }

  private func has(_ width: Word, _ height: Word, _ size: (width: Int, height: Int)) -> Bool {
    load(width) == UInt32(size.width) && load(height) == UInt32(size.height)
  }

  private static func frameOffset(of panel: (width: Int, height: Int)) -> Int {
    page + (panel.width * panel.height + page - 1) / page * page
  }

  private func word(_ word: Word) -> UnsafeMutablePointer<Atomic<UInt32>> {
    (memory + 4 * word.rawValue).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  private func load(_ word: Word) -> UInt32 { self.word(word).pointee.load(ordering: .acquiring) }
}
