import Foundation
import Records

// record-writer PATH COUNT: opens the index and keeps jobs in it, with a result of 20 kB each, and says the number of each
// that is kept. The tests kill it, or give it a disk that is too small or that cannot be written; it then says what the
// error was, and how many jobs can be read.

func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

let arguments = CommandLine.arguments
guard arguments.count == 3, let count = Int(arguments[2]) else {
  FileHandle.standardError.write(Data("usage: record-writer PATH COUNT\n".utf8))
  exit(64)
}
let opening = try RecordStore.open(arguments[1])
if let refusal = opening.refusal { say("in memory: \(refusal)") }
if let damage = opening.damage { say("damaged: \(damage)") }
do {
  let first = try opening.store.page(limit: 1).first.flatMap { Int($0.id.prefix { $0 != "-" }) } ?? 0
  for number in first..<first + count {
    let result = "\"" + String(repeating: "x", count: 20_000) + "\""
    try opening.store.upsert(IndexedJob(id: "\(number + 1)-train", hasEnded: true, summary: "{}", result: result))
    say("\(number + 1)")
  }
} catch {
  say("\(error)")
}
say("read \((try? opening.store.page(limit: count).count) ?? -1)")
try? opening.store.close()
