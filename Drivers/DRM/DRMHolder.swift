import Devices
import Glibc

/// Who else drives a graphics card.
package enum DRMHolder {
  /// Who is master of a card, as the kernel's debugging files tell it.
  ///
  /// - Parameter clients: `/sys/kernel/debug/dri/0/clients`, a table with a head: command, process, dev, master (`y` or
  ///   `n`) and others.
  /// - Returns: the number of the process, or of the thread that opened the card.
  package static func master(in clients: String) -> Int? {
    let rows = clients.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    guard let head = rows.first, let process = head.firstIndex(where: { $0 == "tgid" || $0 == "pid" }),
      let master = head.firstIndex(of: "master")
    else { return nil }
    // A command may contain spaces, which shift the columns after it.
    let row = rows.dropFirst().first { $0.count >= head.count && $0[master + $0.count - head.count] == "y" }
    return row.flatMap { Int($0[process + $0.count - head.count]) }
  }

  /// Says who holds a card, as far as this user may know, and what to do.
  static func describe(card: Int, path: String) -> String {
    let remedy =
      "stop it (a desktop: sudo systemctl isolate multi-user.target; `loginctl list-sessions` shows who is logged in),"
      + " or give the panel a graphics card of its own"
    let known =
      textOfFile("/sys/kernel/debug/dri/\(card)/clients").flatMap(master).flatMap(program)
      ?? processes(holding: path).first
    guard let (command, process) = known else {
      return "another program, a desktop as a rule, drives this card: \(remedy)"
    }
    return "\(command) (process \(process)) drives this card: \(remedy)"
  }

  /// The program that a thread belongs to; nil when the thread has ended.
  private static func program(of thread: Int) -> (command: String, process: Int)? {
    let lines = textOfFile("/proc/\(thread)/status")?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("Tgid:") }),
      let process = Int(line.dropFirst(5).filter(\.isNumber)), let command = command(of: process)
    else { return nil }
    return (command, process)
  }

  private static func command(of process: Int) -> String? {
    textOfFile("/proc/\(process)/comm")?.split(separator: "\n").first.map(String.init)
  }

  /// The other processes that have a file open and that this user may look at.
  private static func processes(holding path: String) -> [(command: String, process: Int)] {
    let resolved = realpath(path, nil)
    defer { free(resolved) }
    guard let resolved else { return [] }
    let target = String(cString: resolved)
    let own = Int(getpid())
    return namesInFolder("/proc").compactMap(Int.init).filter { $0 != own }.compactMap { process in
      let folder = "/proc/\(process)/fd"
      guard namesInFolder(folder).contains(where: { link("\(folder)/\($0)") == target }) else { return nil }
      return (command(of: process) ?? "a program", process)
    }
  }

  private static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
      }
    }
    return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
  }
}
