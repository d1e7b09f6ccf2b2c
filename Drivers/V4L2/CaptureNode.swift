import CV4L
import Devices
import Glibc

/// A device node that was found to be a capture node, open.
package final class CaptureNode {
  package let identity: CameraIdentity
  /// Whether it has the multi-planar form of the interface only.
  let isMultiplanar: Bool

  private var owner: OwnedDescriptor?
  /// −1 when it was closed.
  package private(set) var descriptor: Int32

  /// Opens a node and makes sure that it is a video capture node before anything else is done with it.
  ///
  /// - Throws: ``DeviceError``: absent, not a device of this kind, no permission, in use, disconnected, unsupported.
  package init(path: String) throws {
    let node = try DeviceNode(
      path, device: path, expected: Self.expected, present: VideoNodes.all().map { "\($0.path) (\($0.name))" })
    if let subsystem = Self.subsystem(of: node), subsystem != "video4linux" {
      throw DeviceError.notADevice(path: path, expected: Self.expected, found: "a device of the kind '\(subsystem)'")
    }
    let opened = try node.open(device: path)
    descriptor = opened.number
    var capabilities = v4l2_capability()
    let device = "/sys/dev/char/\(node.major):\(node.minor)/device"
    let code = cv4l_query_capabilities(descriptor, &capabilities)
    identity = CameraIdentity(
      card: text(capabilities.card), driver: text(capabilities.driver), bus: text(capabilities.bus_info),
      serial: USBSerial.number(ofDevice: device), usb: usbBus(ofDevice: device))
    owner = consume opened
    isMultiplanar = Self.capabilities(of: capabilities) & UInt32(V4L2_CAP_VIDEO_CAPTURE) == 0
    guard code == 0 else { throw Self.unanswered(path: path, code: code) }
    try Self.requireCapture(capabilities, path: path, identity: identity)
    guard fcntl(descriptor, F_SETFL, O_RDWR | O_NONBLOCK) == 0 else {
      throw deviceError(PortError("opening", errno), device: path, path: path)
    }
  }

  package func close() {
    owner = nil
    descriptor = -1
  }

  // MARK: - Refusals

  private static let expected = "a video capture node"

  /// What kind of device the kernel says that it is; nil where it does not say.
  private static func subsystem(of node: DeviceNode) -> String? {
    linkTarget("/sys/dev/char/\(node.major):\(node.minor)/subsystem")?.split(separator: "/").last.map(String.init)
  }

  /// Those of the node, where the driver tells them apart from the device's.
  private static func capabilities(of device: v4l2_capability) -> UInt32 {
    device.capabilities & UInt32(V4L2_CAP_DEVICE_CAPS) != 0 ? device.device_caps : device.capabilities
  }

  private static func requireCapture(
    _ capabilities: v4l2_capability, path: String, identity: CameraIdentity
  ) throws {
    let node = Self.capabilities(of: capabilities)
    func has(_ capability: Int32) -> Bool { node & UInt32(capability) != 0 }
    if has(V4L2_CAP_VIDEO_CAPTURE) || has(V4L2_CAP_VIDEO_CAPTURE_MPLANE) {
      guard has(V4L2_CAP_STREAMING) else {
        throw DeviceError.unsupported(
          device: path, what: "\(identity): a camera without streaming", supported: ["streaming with mapped buffers"])
      }
      return
    }
    if identity.driver == "v4l2 loopback" {
      throw DeviceError.disconnected(device: path, reason: "no program writes to this loopback")
    }
    let kind =
      if has(V4L2_CAP_VIDEO_OUTPUT) || has(V4L2_CAP_VIDEO_OUTPUT_MPLANE) {
        "an output node"
      } else if has(V4L2_CAP_META_CAPTURE) {
        "a metadata node; the camera's other node has the pictures"
      } else if has(V4L2_CAP_VIDEO_M2M) || has(V4L2_CAP_VIDEO_M2M_MPLANE) {
        "a converter in memory"
      } else {
        "a node without video capture"
      }
    throw DeviceError.notADevice(path: path, expected: expected, found: "\(kind) (\(identity.card))")
  }

  private static func unanswered(path: String, code: Int32) -> DeviceError {
    code == ENOTTY || code == EINVAL
      ? .notADevice(path: path, expected: expected, found: "a node that does not answer VIDIOC_QUERYCAP")
      : deviceError(PortError("VIDIOC_QUERYCAP", code), device: path, path: path)
  }
}

/// What an error of the interface means for the bench.
func deviceError(_ error: PortError, device: String, path: String) -> DeviceError {
  let reason = "\(error.operation): \(errorText(error.code))"
  switch error.code {
  case ENODEV, ENXIO: return .disconnected(device: device, reason: reason)
  case EBUSY:
    let users = RunningProcess.all(using: path).map(\.description)
    return .inUse(
      device: device,
      reason: users.isEmpty
        ? "another program uses it (\(reason)); end the other program"
        : "\(users.joined(separator: ", ")) uses it (\(reason)); end that first")
  default: return .failed(device: device, operation: error.operation, reason: errorText(error.code))
  }
}

/// A text of fixed length in a structure of the kernel.
private func text<Tuple>(_ characters: Tuple) -> String {
  withUnsafeBytes(of: characters) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}
