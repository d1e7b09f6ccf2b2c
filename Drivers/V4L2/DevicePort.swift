import CV4L
import Glibc

/// A capture node of the kernel, open.
package final class DevicePort: CapturePort {
  package let identity: CameraIdentity

  private let node: CaptureNode
  var descriptor: Int32 { node.descriptor }
  /// 1 for the multi-planar form of the interface.
  var planar: Int32 { node.isMultiplanar ? 1 : 0 }
  var captureType: v4l2_buf_type {
    node.isMultiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE
  }
  private var mappings: [UnsafeMutableRawBufferPointer] = []
  /// Where in each buffer the picture last delivered in it begins.
  private var starts: [Int] = []
  private var hasBuffers = false
  private var isStreaming = false

  package init(_ node: CaptureNode) {
    self.node = node
    identity = node.identity
  }

  deinit { close() }

  package func close() {
    stopStreaming()
    node.close()
  }

  // MARK: - Buffers

  package func allocateBuffers(_ count: Int) throws(PortError) -> Int {
    var request = v4l2_requestbuffers()
    request.count = UInt32(count)
    request.type = captureType.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    try check("VIDIOC_REQBUFS", cv4l_request_buffers(descriptor, &request))
    hasBuffers = true
    // Every buffer is mapped before the first is queued: v4l2loopback does not give out one that is not.
    for index in 0..<request.count { try map(index) }
    return mappings.count
  }

  private func map(_ index: UInt32) throws(PortError) {
    var buffer = cv4l_buffer()
    buffer.index = index
    try check("VIDIOC_QUERYBUF", cv4l_query_buffer(descriptor, planar, &buffer))
    let length = Int(buffer.length)
    guard let memory = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, off_t(buffer.offset)),
      memory != MAP_FAILED
    else { throw PortError("mapping a buffer", errno) }
    mappings.append(UnsafeMutableRawBufferPointer(start: memory, count: length))
    starts.append(0)
  }

  package func content(of buffer: Int) -> UnsafeRawBufferPointer {
    guard mappings.indices.contains(buffer) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: mappings[buffer].dropFirst(starts[buffer]))
  }

  package func stopStreaming() {
    var type = Int32(captureType.rawValue)
    if isStreaming { _ = cv4l_stop_streaming(descriptor, &type) }
    isStreaming = false
    for mapping in mappings { munmap(mapping.baseAddress, mapping.count) }
    mappings = []
    starts = []
    guard hasBuffers else { return }
    hasBuffers = false
    var request = v4l2_requestbuffers()
    request.type = captureType.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    _ = cv4l_request_buffers(descriptor, &request)
  }

  /// Whether another program holds the buffers. v4l2loopback is not asked: it would disturb the one that streams.
  var isTaken: Bool {
    guard identity.driver != "v4l2 loopback" else { return false }
    var request = v4l2_requestbuffers()
    request.type = captureType.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    return cv4l_request_buffers(descriptor, &request) == EBUSY
  }

  // MARK: - Streaming

  package func queue(_ index: Int) throws(PortError) {
    var buffer = cv4l_buffer()
    buffer.index = UInt32(clamping: index)
    try check("VIDIOC_QBUF", cv4l_queue_buffer(descriptor, planar, &buffer))
  }

  package func startStreaming() throws(PortError) {
    var type = Int32(captureType.rawValue)
    try check("VIDIOC_STREAMON", cv4l_start_streaming(descriptor, &type))
    isStreaming = true
  }

  package func wait(milliseconds: Int) throws(PortError) -> Readiness {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&request, 1, Int32(milliseconds))
    if count < 0 {
      if errno == EINTR { return .nothing }
      throw PortError("poll", errno)
    }
    let events = Int32(request.revents)
    if events & POLLHUP != 0 { throw PortError("poll", ENODEV) }
    if events & (POLLERR | POLLNVAL) != 0 { return .error }
    return count > 0 ? .ready : .nothing
  }

  package func dequeue() throws(PortError) -> FilledBuffer? {
    var buffer = cv4l_buffer()
    let code = cv4l_dequeue_buffer(descriptor, planar, &buffer)
    if code == EAGAIN || code == EINTR { return nil }
    try check("VIDIOC_DQBUF", code)
    let (index, start, flags) = (Int(buffer.index), Int(buffer.data_offset), buffer.flags)
    if starts.indices.contains(index) { starts[index] = min(start, mappings[index].count) }
    let seconds = UInt64(max(0, buffer.seconds))
    let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return FilledBuffer(
      index: index, used: max(0, Int(buffer.used) - start), sequence: buffer.sequence,
      timestamp: overflow ? .max : nanoseconds &+ UInt64(max(0, buffer.microseconds)) &* 1000,
      clock: flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MASK) == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
        ? .monotonic : .unknown,
      moment: flags & UInt32(V4L2_BUF_FLAG_TSTAMP_SRC_MASK) == UInt32(V4L2_BUF_FLAG_TSTAMP_SRC_SOE) ? .start : .end,
      erroneous: flags & UInt32(V4L2_BUF_FLAG_ERROR) != 0)
  }
}

func check(_ operation: String, _ code: Int32) throws(PortError) {
  if code != 0 { throw PortError(operation, code) }
}
