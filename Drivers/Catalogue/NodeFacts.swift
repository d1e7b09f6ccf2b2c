import Devices

/// What the file system says of a path that should lead to a device.
public struct NodeFacts: Sendable, Equatable {
  public enum Access: Sendable, Equatable {
    /// There is nothing.
    case absent
    /// There is something other than a device; the text says what.
    case other(String)
    /// It may not be opened; the group's members may, where there is one.
    case denied(group: String?)
    case granted
  }

  /// Where the path leads when all links are followed; the path itself when it leads nowhere.
  public var target: String
  public var access: Access

  public init(target: String, access: Access) {
    self.target = target
    self.access = access
  }

  /// Looks at a path, as the user who asks.
  public init(at path: String) {
    self.init(target: resolvedPath(path) ?? path, access: Self.access(to: path))
  }

  private static func access(to path: String) -> Access {
    do {
      let node = try DeviceNode(path, device: path, expected: "a device", present: [])
      return node.isAccessible ? .granted : .denied(group: node.groupName)
    } catch DeviceError.notADevice(_, _, let found) {
      return .other(found)
    } catch DeviceError.noPermission {
      return .denied(group: nil)
    } catch {
      return .absent
    }
  }
}
