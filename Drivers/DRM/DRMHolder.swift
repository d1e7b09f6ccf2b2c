import Devices

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
      textOfFile("/sys/kernel/debug/dri/\(card)/clients").flatMap(master).flatMap(process)
      ?? RunningProcess.all(using: path).first
    guard let known else {
      return "another program, usually a desktop, drives this card: \(remedy)"
    }
    return "\(known) drives this card: \(remedy)"
  }

  /// The process that a thread belongs to; nil when the thread has ended.
  private static func process(of thread: Int) -> RunningProcess? {
    let lines = textOfFile("/proc/\(thread)/status")?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix("Tgid:") }
    return line.flatMap { Int($0.dropFirst(5).filter(\.isNumber)) }.map(RunningProcess.init)
  }
}
