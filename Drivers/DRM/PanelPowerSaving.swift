import Devices
import Glibc

/// amdgpu's switch for dimming a built-in panel, which is a file and no property.
package enum PanelPowerSaving {
  /// Switches it off as far as this user may.
  /// - Parameters:
  ///   - connector: such as `card0-eDP-1`.
  ///   - folder: `/sys/class/drm`.
  /// - Returns: what follows when it stays on.
  package static func switchOff(_ connector: String, in folder: String = "/sys/class/drm") -> [String] {
    let path = "\(folder)/\(connector)/amdgpu/panel_power_savings"
    guard let level = firstLine(of: path), level != "0" else { return [] }
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    if descriptor >= 0 {
      var zero = UInt8(ascii: "0")
      _ = write(descriptor, &zero, 1)
      close(descriptor)
    }
    guard let left = firstLine(of: path), left != "0" else { return [] }
    return [
      "\(path) is \(left): the card dims the panel and stretches levels to save power; write 0 to that file as root"
    ]
  }
}
