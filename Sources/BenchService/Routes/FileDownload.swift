import Access
import Files
import Hummingbird
import NIOCore
import NIOPosix

/// A file as the body of a response: read in pieces, each when the client has taken the one before. The file stays open
/// meanwhile, so that the client gets it whole even if it is removed or replaced.
enum FileDownload {
  /// The file, or the range of it that the request asks for; `name` decides the content type.
  static func response(
    _ file: RegularFile, name: String, to request: Request, _ context: BenchRequestContext
  ) -> Response {
    var headers: HTTPFields = [.contentType: Response.contentType(of: name), .acceptRanges: "bytes"]
    switch ByteRange.asked(by: request, of: file.size) {
    case .whole:
      return Response(status: .ok, headers: headers, body: body(file, 0..<file.size, context.channel))
    case .part(let range):
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
      return Response(status: .partialContent, headers: headers, body: body(file, range, context.channel))
    case .none:
      headers[.contentRange] = "bytes */\(file.size)"
      return Response(status: .rangeNotSatisfiable, headers: headers)
    }
  }

  private static func body(_ file: RegularFile, _ range: Range<Int>, _ channel: any Channel) -> ResponseBody {
    ResponseBody(contentLength: range.count) { writer in
      var place = range.lowerBound
      while place < range.upperBound {
        let piece = try await read(file, min(Response.pieceBytes, range.upperBound - place), at: place)
        // A file that was cut must not look like a whole one: the connection ends before the length that was promised.
        guard piece.readableBytes > 0 else { throw FilesError.unreadable(file: file.path, reason: "it became shorter") }
        place += piece.readableBytes
        try await writer.write(piece, as: channel)
      }
      try await writer.finish(nil)
    }
  }

  private static func read(_ file: RegularFile, _ count: Int, at place: Int) async throws -> ByteBuffer {
    try await DiskThreads.run {
      var buffer = ByteBufferAllocator().buffer(capacity: count)
      try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]), at: place)
      }
      return buffer
    }
  }
}

/// Threads that wait for the disk, so that those which answer requests need not.
enum DiskThreads {
  private static let threads: NIOThreadPool = {
    let threads = NIOThreadPool(numberOfThreads: 4)
    threads.start()
    return threads
  }()

  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await threads.runIfActive(body)
  }
}

/// A range of bytes as in the header `Range`.
private enum ByteRange {
  case whole
  case part(Range<Int>)
  /// Nothing of the file is in it.
  case none

  /// Several ranges, and what makes no sense, ask for the whole file.
  static func asked(by request: Request, of size: Int) -> ByteRange {
    guard request.method == .get, let text = request.headers[.range], text.hasPrefix("bytes=") else { return .whole }
    let ends = text.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return .whole }
    switch (Int(ends[0]), Int(ends[1])) {
    case (let first?, let last?) where first <= last: return part(first, min(last, size - 1), of: size)
    case (let first?, nil) where ends[1].isEmpty: return part(first, size - 1, of: size)
    case (nil, let count?) where ends[0].isEmpty && count > 0: return part(max(0, size - count), size - 1, of: size)
    case (nil, 0) where ends[0].isEmpty: return .none
    default: return .whole
    }
  }

  private static func part(_ first: Int, _ last: Int, of size: Int) -> ByteRange {
    first < size ? .part(first..<last + 1) : .none
  }
}
