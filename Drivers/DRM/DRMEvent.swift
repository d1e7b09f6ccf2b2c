import CDRM
import Devices
import Glibc

/// The report that a page flip was done.
package struct DRMFlipEvent: Sendable, Equatable {
  /// What the flip was asked for with.
  package var tag: UInt64
  /// Nanoseconds. The kernel cuts it to whole microseconds; this is the latest that it can have been.
  package var time: UInt64

  package init(tag: UInt64, time: UInt64) {
    self.tag = tag
    self.time = time
  }

  /// The flips among the events that a card's file descriptor delivered; what is cut off or unknown is skipped.
  package static func all(in bytes: UnsafeRawBufferPointer) -> [DRMFlipEvent] {
    var events: [DRMFlipEvent] = []
    var start = 0
    while start + MemoryLayout<drm_event>.size <= bytes.count {
      let head = bytes.loadUnaligned(fromByteOffset: start, as: drm_event.self)
      let length = Int(head.length)
      guard length >= MemoryLayout<drm_event>.size, start + length <= bytes.count else { break }
      if head.type == UInt32(DRM_EVENT_FLIP_COMPLETE), length >= MemoryLayout<drm_event_vblank>.size {
        let event = bytes.loadUnaligned(fromByteOffset: start, as: drm_event_vblank.self)
        events.append(
          DRMFlipEvent(
            tag: event.user_data, time: UInt64(event.tv_sec) * 1_000_000_000 + UInt64(event.tv_usec) * 1000 + 999))
      }
      start += length
    }
    return events
  }

  /// Waits for events, and reads those that there are.
  /// - Returns: nil at the deadline, in nanoseconds of the monotonic clock, and after an error, which `errno` has.
  static func next(on descriptor: Int32, before deadline: UInt64, clock: MonotonicClock) -> [DRMFlipEvent]? {
    while true {
      let now = clock.now
      let left = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, Int32(clamping: left))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else {
        if ready == 0 { errno = ETIMEDOUT }
        return nil
      }
      guard request.revents & Int16(POLLIN) != 0 else {
        errno = ENODEV
        return nil
      }
      return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { buffer in
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN ? [] : nil }
        return all(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }
}
