import BenchTestKit
import Files
import Foundation
import Testing

/// What a write does with what stands at its path: files are replaced, everything else is written into or left alone.
@Suite struct FileTargetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func mode(_ name: String) -> mode_t {
    var status = stat()
    return lstat(folder.file(name), &status) == 0 ? status.st_mode : 0
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: target)
  }

  @Test("links are followed and stay, relative and absolute ones, one after the other, and those that lead nowhere yet")
  func links() throws {
    try AtomicFile.makeFolder(folder.file("inside"))
    try AtomicFile.write([1], to: folder.file("inside/target"))
    try link("relative", to: "inside/target")
    try link("absolute", to: folder.file("relative"))
    try link("dangling", to: "inside/new")
    try AtomicFile.write([2], to: folder.file("absolute"))
    #expect(try AtomicFile.read(folder.file("inside/target")) == [2])
    try AtomicFile.write([3], to: folder.file("dangling"))
    #expect(try AtomicFile.read(folder.file("inside/new")) == [3])
    for name in ["relative", "absolute", "dangling"] { #expect(mode(name) & S_IFMT == S_IFLNK) }
    #expect(AtomicFile.names(in: folder.file("inside")).sorted() == ["new", "target"])
    try link("circle", to: "circle")
    #expect(throws: FilesError.self) { try AtomicFile.write([1], to: folder.file("circle")) }
  }

  @Test("a file keeps its mode, and its other names keep the old content")
  func modeAndHardLinks() throws {
    try AtomicFile.write([1], to: folder.file("a"))
    #expect(chmod(folder.file("a"), 0o640) == 0 && Glibc.link(folder.file("a"), folder.file("b")) == 0)
    try AtomicFile.write([2], to: folder.file("a"))
    #expect(mode("a") == S_IFREG | 0o640)
    #expect(try AtomicFile.read(folder.file("a")) == [2] && AtomicFile.read(folder.file("b")) == [1])
  }

  @Test("what is written into a pipe arrives whole, more than it holds at a time, and the pipe stays a pipe")
  func pipe() throws {
    let path = folder.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    // A process of its own reads: a thread of the tests may have to wait for this one.
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/bin/sh")
    reader.arguments = ["-c", "cat \"$0\" >\"$0.copy\"", path]
    try reader.run()
    try AtomicFile.write(sent, to: path)
    reader.waitUntilExit()
    #expect(try AtomicFile.read(path + ".copy") == sent)
    #expect(mode("pipe") & S_IFMT == S_IFIFO)
    #expect(folder.names == ["pipe", "pipe.copy"])
  }

  @Test("a terminal is written into, and a character device as root finds it in /dev stays one")
  func devices() throws {
    var (controller, terminal): (Int32, Int32) = (0, 0)
    var name = [CChar](repeating: 0, count: 128)
    try #require(openpty(&controller, &terminal, &name, nil, nil) == 0)
    defer { for descriptor in [controller, terminal] { close(descriptor) } }
    let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try AtomicFile.write(Array("light".utf8), to: path)
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(read(controller, &bytes, 16) == 5 && bytes.prefix(5) == Array("light".utf8)[...])
    // Only root can make a null device, and only root could replace the machine's.
    guard mknod(folder.file("null"), S_IFCHR | 0o666, dev_t(1 << 8 | 3)) == 0 else { return }
    try AtomicFile.requireWritable(file: folder.file("null"))
    try link("link", to: "null")
    for name in ["null", "link"] { try AtomicFile.write([1, 2, 3], to: folder.file(name)) }
    #expect(mode("null") & S_IFMT == S_IFCHR && mode("link") & S_IFMT == S_IFLNK)
    #expect(folder.names == ["link", "null"])
  }

  @Test("sockets and folders are refused by what they are, before the work and at its end, and stay")
  func refused() throws {
    try AtomicFile.makeFolder(folder.file("folder"))
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder.file("socket").utf8) }
    let bound = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    for (name, kind) in [("folder", "a folder"), ("socket", "a socket")] {
      let refusal = FilesError.irregular(file: folder.file(name), kind: kind)
      #expect(throws: refusal) { try AtomicFile.write([1], to: folder.file(name)) }
      #expect(throws: refusal) { try AtomicFile.requireWritable(file: folder.file(name)) }
    }
    for name in ["missing/a", "new/"] {
      #expect(throws: FilesError.self) { try AtomicFile.write([1], to: folder.file(name)) }
    }
    #expect(folder.names == ["folder", "socket"])
  }

  @Test("a pipe that nobody reads from is refused in words, and nothing waits for ever")
  func unreadPipe() throws {
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let refusal = #expect(throws: FilesError.self) { try AtomicFile.write([1], to: folder.file("pipe")) }
    #expect("\(try #require(refusal))".contains("nothing reads"))
  }

  @Test("names as long as file systems allow are written")
  func longNames() throws {
    let name = String(repeating: "a", count: 255)
    for value in [UInt8(1), 2] { try AtomicFile.write([value], to: folder.file(name)) }
    #expect(folder.names == [name])
  }

  @Test("the sweep of unfinished files takes those of this program's names and nobody else's")
  func sweep() throws {
    let kept = [
      ".a.tmp", ".a.1.tmp", "a.1.2.tmp", ".a.1.x.tmp", ".a.1.2.tmp~", "a", ".vimrc.tmp", ".a.1.12345678901.tmp",
    ]
    for name in kept + [".a.12.34.tmp", ".a.b.npy.1.4294967295.tmp"] {
      try AtomicFile.write([1], to: folder.file(name))
    }
    try AtomicFile.makeFolder(folder.file(".folder.1.2.tmp"))
    AtomicFile.removeUnfinished(in: folder.path)
    #expect(folder.names == (kept + [".folder.1.2.tmp"]).sorted())
  }

  @Test("final content is in both copies, so that damage of one brings nothing older back")
  func finalContent() throws {
    let state = StateFile(path: folder.file("state"), schema: 1)
    try state.save([1])
    try state.saveFinal([2])
    #expect(folder.names == ["state", "state.previous"])
    try AtomicFile.write([0], to: state.path)
    #expect(try state.load().bytes == [2] && state.load().damage != nil)
    try state.saveFinal([3])
    try AtomicFile.write([0], to: state.previousPath)
    #expect(try state.load().bytes == [3] && state.load().damage == nil)
  }

  @Test("a state file that is a link keeps leading to the file, with the copy before beside the link")
  func linkedState() throws {
    try AtomicFile.makeFolder(folder.file("inside"))
    try link("state", to: "inside/real")
    let state = StateFile(path: folder.file("state"), schema: 1)
    for value in [UInt8(1), 2] { try state.save([value]) }
    #expect(mode("state") & S_IFMT == S_IFLNK)
    #expect(try state.load().bytes == [2])
    try AtomicFile.write([0], to: folder.file("inside/real"))
    #expect(try state.load().bytes == [1])
  }

  @Test("a state file that was disowned counts as damaged")
  func disowned() throws {
    let state = StateFile(path: folder.file("state"), schema: 1)
    try state.save([1])
    state.disown()
    #expect(try state.load().bytes == [1] && state.load().damage != nil)
  }
}
