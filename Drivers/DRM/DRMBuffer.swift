import CDRM
import Devices
import Glibc

/// Memory that a CRTC can scan out, 32 bits for each pixel. The kernel frees it with the file descriptor it was made on.
final class DRMBuffer {
  /// What the kernel calls the buffer as something to show.
  let framebuffer: UInt32
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int
  private let stride: Int

  init(width: Int, height: Int, on descriptor: Int32, device: String) throws {
    func failed(_ operation: String) -> DeviceError {
      .failed(device: device, operation: operation, reason: errorText(errno))
    }
    var request = drm_mode_create_dumb()
    (request.width, request.height, request.bpp) = (UInt32(width), UInt32(height), 32)
    guard drmIoctl(descriptor, odu_drm_create_dumb, &request) == 0 else { throw failed("making a buffer") }
    stride = Int(request.pitch)
    byteCount = Int(request.size)
    guard stride >= 4 * width, byteCount >= stride * height else {
      throw DeviceError.failed(
        device: device, operation: "making a buffer", reason: "it is too small, \(byteCount) bytes in rows of \(stride)"
      )
    }
    var framebuffer: UInt32 = 0
    let result = drmModeAddFB(
      descriptor, request.width, request.height, 24, 32, request.pitch, request.handle, &framebuffer)
    guard result == 0 else {
      throw DeviceError.failed(device: device, operation: "registering a buffer", reason: errorText(-result))
    }
    var mapping = drm_mode_map_dumb()
    mapping.handle = request.handle
    guard drmIoctl(descriptor, odu_drm_map_dumb, &mapping) == 0,
      let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, Int(mapping.offset)),
      memory != MAP_FAILED
    else { throw failed("mapping a buffer") }
    self.framebuffer = framebuffer
    self.memory = memory
  }

  deinit { munmap(memory, byteCount) }

  func write(_ pattern: Pattern, over old: Pattern?) {
    PanelPixels.xrgb8888.pack(pattern, over: old, to: memory, stride: stride)
  }
}
