import Files
import Foundation
import Jobs
import ServiceCore
import Testing

/// What a daemon may remove: what daemons write, and nothing else.
@Suite struct StateFolderTests {
  private func names(_ folder: URL) -> [String] { AtomicFile.names(in: folder.path).sorted() }

  @Test("a temporary daemon refuses a folder with anything in it, and says what to do")
  func occupied() async throws {
    try await withFolder { folder in
      let state = folder.appendingPathComponent("notes")
      for name in ["thesis.txt", ".hidden"] {
        try AtomicFile.makeFolder(state.path)
        try AtomicFile.write([1], to: state.appendingPathComponent(name).path)
        let error = #expect(throws: ServiceError.self) { try StateFolder(path: state.path, temporary: true) }
        #expect("\(try #require(error))".contains("--state"))
        #expect(names(state) == [name])
        try FileManager.default.removeItem(at: state)
      }
      try AtomicFile.write([1], to: state.path)
      #expect(throws: ServiceError.self) { try StateFolder(path: state.path, temporary: true) }
      #expect(throws: ServiceError.self) { try StateFolder(path: "", temporary: true) }
      #expect(throws: ServiceError.self) { try StateFolder(path: "") }
    }
  }

  @Test("a temporary daemon takes its own files away, leaves others, and removes only a folder that it made")
  func removal() async throws {
    try await withFolder { folder in
      let (made, found) = (folder.appendingPathComponent("made"), folder.appendingPathComponent("found"))
      try AtomicFile.makeFolder(found.path)
      for (place, left) in [(made, [String]()), (found, ["mine"]), (made, ["mine"])] {
        let state = try StateFolder(path: place.path, temporary: true)
        for name in ["runs/0001-x/a", "arrays/a.npy", "calibrations/0001.state", "odu.sqlite", "odu.sqlite-wal"] + left
        {
          let path = place.appendingPathComponent(name).path
          try AtomicFile.makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
          try AtomicFile.write([1], to: path)
        }
        try state.removeContents()
        #expect(names(place) == left)
        #expect(AtomicFile.exists(place.path) == (place == found || !left.isEmpty))
      }
    }
  }

  @Test("uploads and records that a killed daemon was writing are gone after the next start")
  func unfinished() async throws {
    try await withFolder { folder in
      for name in ["arrays/.big.npy.12.34.tmp", "calibrations/.in-force.marks.12.34.tmp", ".numbers.state.1.2.tmp"] {
        let path = folder.appendingPathComponent(name).path
        try AtomicFile.makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        try AtomicFile.write([1], to: path)
      }
      try AtomicFile.write([1], to: folder.appendingPathComponent("arrays/.mine.tmp").path)
      _ = try StateFolder(path: folder.path)
      #expect(names(folder.appendingPathComponent("arrays")) == [".mine.tmp"])
      #expect(names(folder.appendingPathComponent("calibrations")).isEmpty)
      #expect(names(folder) == ["arrays", "calibrations", "odud.lock", "runs"])
    }
  }
}
