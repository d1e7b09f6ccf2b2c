import Foundation
import Testing

/// Reads PNG files with Python's zlib alone: chunks with their checksums, and the samples of unfiltered or filtered lines.
enum PythonPNG {
  private static let script = """
    import json, struct, sys, zlib
    data = sys.stdin.buffer.read()
    assert data[:8] == b"\\x89PNG\\r\\n\\x1a\\n"
    position, chunks = 8, []
    while position < len(data):
        length, name = struct.unpack(">I4s", data[position:position + 8])
        content = data[position + 8:position + 8 + length]
        assert struct.unpack(">I", data[position + 8 + length:position + 12 + length])[0] == zlib.crc32(name + content)
        chunks.append((name.decode(), content))
        position += 12 + length
    names = [name for name, _ in chunks]
    assert names[0] == "IHDR" and names[-1] == "IEND"
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    raw = zlib.decompress(b"".join(content for name, content in chunks if name == "IDAT"))
    size, step, before, samples = width * depth // 8, depth // 8, bytes(width * depth // 8), []
    for y in range(height):
        kind, line = raw[y * (size + 1)], bytearray(raw[y * (size + 1) + 1:(y + 1) * (size + 1)])
        for x in range(size):
            a, b = line[x - step] if x >= step else 0, before[x]
            c = before[x - step] if x >= step else 0
            p = a + b - c
            near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[x] = line[x] + [0, a, b, (a + b) // 2, near][kind] & 255
        samples += struct.unpack(">%dH" % width, line) if depth == 16 else list(line)
        before = bytes(line)
    significant = [list(content) for name, content in chunks if name == "sBIT"]
    assert not significant or names.index("sBIT") < names.index("IDAT")
    print(json.dumps({"width": width, "height": height, "depth": depth, "colour": colour, "samples": list(samples),
                      "significant": significant[0] if significant else []}))
    """

  static func read(_ bytes: [UInt8]) throws -> [String: Any] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    input.fileHandleForWriting.write(Data(bytes))
    try input.fileHandleForWriting.close()
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try #require(try JSONSerialization.jsonObject(with: answer) as? [String: Any])
  }
}
