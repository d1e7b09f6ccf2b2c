/// What this driver needs of a capture device. ``DevicePort`` is the kernel's; tests script one of their own.
package protocol CapturePort: AnyObject {
  var identity: CameraIdentity { get }

  // MARK: - Setting up

  /// The fourccs of the formats that there are.
  func pixelFormats() throws(PortError) -> [UInt32]
  func sizes(of fourCC: UInt32) throws(PortError) -> [FrameSizes]
  func layout() throws(PortError) -> ImageLayout
  /// Asks for fourcc and size, and returns what the device made of it.
  func setLayout(fourCC: UInt32, width: Int, height: Int) throws(PortError) -> ImageLayout
  func region(_ kind: RegionKind) throws(PortError) -> SensorRegion
  func setRegion(_ region: SensorRegion) throws(PortError)
  /// Seconds from one frame to the next; nil when the device does not tell.
  func framePeriod() throws(PortError) -> Double?
  func setFramePeriod(_ seconds: Double) throws(PortError)
  /// nil when there is no such control, or when it is switched off.
  func control(_ identifier: UInt32) throws(PortError) -> ControlRange?
  /// The names of all controls that have a value which can be set.
  func controlNames() throws(PortError) -> [UInt32: String]
  func value(of identifier: UInt32) throws(PortError) -> Int
  func setValue(_ value: Int, of identifier: UInt32) throws(PortError)

  // MARK: - Streaming

  /// Has the device make buffers and maps all of them; returns how many there are.
  func allocateBuffers(_ count: Int) throws(PortError) -> Int
  func queue(_ buffer: Int) throws(PortError)
  func startStreaming() throws(PortError)
  /// Returns when something has happened, at the latest after `milliseconds`.
  func wait(milliseconds: Int) throws(PortError) -> Readiness
  /// The oldest filled buffer; nil when there is none yet.
  func dequeue() throws(PortError) -> FilledBuffer?
  /// The memory of a buffer, valid until the buffers are freed.
  func content(of buffer: Int) -> UnsafeRawBufferPointer
  /// Ends the streaming and frees the buffers, as far as the device lets it.
  func stopStreaming()

  func close()
}

/// A call of the interface that failed.
package struct PortError: Error, Equatable {
  package var operation: String
  /// An error number of the operating system.
  package var code: Int32

  package init(_ operation: String, _ code: Int32) {
    self.operation = operation
    self.code = code
  }
}

package enum Readiness: Sendable { case nothing, ready, error }

package enum RegionKind: Sendable { case inForce, standard, bounds }
