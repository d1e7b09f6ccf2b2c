import ArgumentParser
import BenchClient

/// Completions of the shell that only the daemon knows. When it does not answer soon, there are none.
enum Completions {
  static let jobs = names { try await $0.jobs().map(\.id) }
  static let runs = names { try await $0.runs().map(\.job.id) }
  static let calibrations = names { try await $0.calibrations().map(\.id) }
  static let models = names { try await $0.models().map(\.id) }
  static let modulators = names { try await $0.devices().filter { $0.kind == .modulator }.map(\.name) }

  static let kinds = names { client in
    let groups = try await client.kinds().groups
    return groups.keys.sorted() + groups.values.flatMap { $0.map(\.name) }
  }

  private static func names(_ ask: @escaping @Sendable (BenchClient) async throws -> [String]) -> CompletionKind {
    .custom { words, _, _ in
      let option = words.firstIndex(of: "--socket").map { $0 + 1 }
      let given = option.flatMap { words.indices.contains($0) ? words[$0] : nil }
      let client = BenchClient(socket: given ?? ConnectionOptions.defaultSocket)
      return await withTaskGroup(of: [String].self) { tasks in
        tasks.addTask { (try? await ask(client)) ?? [] }
        tasks.addTask {
          try? await Task.sleep(for: .seconds(1))
          return []
        }
        defer { tasks.cancelAll() }
        return await tasks.next() ?? []
      }
    }
  }
}
