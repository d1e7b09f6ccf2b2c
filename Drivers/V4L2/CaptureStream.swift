import Devices
import Glibc

/// Frames out of the buffers of a port that has been set up.
///
/// Belongs to the camera, which calls it from one thread at a time.
package final class CaptureStream {
  package var timing: ExposureTiming
  /// Frames whose exposure began before this time may have been taken with other settings.
  package var settingsSettled: UInt64 = 0

  private let port: any CapturePort
  private let layout: ImageLayout
  private let unpacker: Unpacker
  private let clock: any BenchClock
  private var sequence = SequenceCounter()
  private var bufferCount = 0
  /// When the stream began, and when the queue was last seen without a filled buffer.
  private var began: UInt64 = 0
  private var empty: UInt64 = 0
  private var reportedError = false
  private let decoder: PictureDecoder?

  package init(
    port: any CapturePort, layout: ImageLayout, unpacker: Unpacker, timing: ExposureTiming, clock: any BenchClock
  ) {
    self.port = port
    self.layout = layout
    self.unpacker = unpacker
    self.timing = timing
    self.clock = clock
    decoder = unpacker.format.packing == .picture ? PictureDecoder(width: layout.width, height: layout.height) : nil
  }

  /// Has the device fill buffers from now on.
  ///
  /// - Parameter continuing: whether the sequence continues after that of the stream before.
  package func start(buffers: Int, continuing: Bool = false) throws(PortError) {
    if continuing { sequence.continueAnew() } else { sequence = SequenceCounter() }
    timing.restart()
    reportedError = false
    do throws(PortError) {
      bufferCount = try port.allocateBuffers(buffers)
      guard bufferCount > 0 else { throw PortError("VIDIOC_REQBUFS", ENOMEM) }
      for index in 0..<bufferCount { try port.queue(index) }
      began = clock.now
      empty = began
      try port.startStreaming()
    } catch {
      port.stopStreaming()
      throw error
    }
  }

  package func stop() { port.stopStreaming() }

  /// The oldest frame that is there, its buffer given back to the device; nil when there is none.
  package func next() throws(PortError) -> Frame? {
    while true {
      let before = clock.now
      guard let buffer = try port.dequeue() else {
        empty = before
        // poll sees an error that dequeueing does not report, and would do so for ever.
        if reportedError { throw PortError("poll", EIO) }
        return nil
      }
      guard (0..<bufferCount).contains(buffer.index) else { throw PortError("VIDIOC_DQBUF", EBADMSG) }
      // v4l2loopback gives out what was in its buffers before the stream began.
      let isOld = buffer.timestamp > 0 && buffer.timestamp < began
      let frame = isOld ? nil : frame(in: buffer)
      try port.queue(buffer.index)
      if let frame { return frame }
    }
  }

  /// Returns when there may be a frame, at the latest after `milliseconds`.
  package func wait(milliseconds: Int) throws(PortError) {
    reportedError = try port.wait(milliseconds: milliseconds) == .error
  }

  private func frame(in buffer: FilledBuffer) -> Frame {
    let times = timing.interval(of: buffer, empty: empty, now: clock.now)
    let memory = port.content(of: buffer.index)
    let content = UnsafeRawBufferPointer(rebasing: memory.prefix(max(0, buffer.used)))
    var (pixels, flags) = decoder?.pixels(of: content) ?? unpacker.unpack(content)
    if buffer.erroneous || times.start < settingsSettled { flags.insert(.error) }
    return Frame(
      width: layout.width, height: layout.height, pixels: pixels, sequence: sequence.number(buffer.sequence),
      exposureStart: times.start, exposureEnd: times.end, flags: flags)
  }
}
