import Access
import Arrays
import BenchAPI
import Files
import Foundation
import Hummingbird
import Jobs
import Records
import ServiceCore

/// `/v1/runs` and `/v1/models`: what was done, also long ago, and what it left.
struct RunRoutes {
  let index: RecordIndex
  let queue: JobQueue
  /// The run directories.
  let folder: URL

  func add(to version: RouterGroup<BenchRequestContext>) {
    let runs = version.group("runs")
    runs.get(use: list)
    runs.get(":id") { _, context in try Response.json(run(try indexed(context).shown())) }
    runs.delete(":id", use: remove)
    let models = version.group("models")
    models.get { request, _ in
      let page = try ListPage(request)
      return try Response.json(
        ModelList(models: page.of(index.ask { try $0.models() }.map { ModelSummary($0) }, by: \.id)))
    }
    models.get(":id") { _, context in try Response.json(model(context)) }
    models.get(":id/file") { request, context in
      let run = try model(context).run
      let kind = try index.ask { try $0.job(run) }?.shown().kind
      let name = kind.flatMap(queue.catalogue.modelFile)
      let path = name.map { folder.appendingPathComponent(run).appendingPathComponent($0).path }
      guard let name, let path, AtomicFile.exists(path) else {
        throw ServiceError(.modelUnknown, "the file of model \(run) is gone")
      }
      try StateFile.check(path)
      return FileDownload.response(try RegularFile(path), name: name, to: request, context)
    }
  }

  @Sendable private func list(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let page = try ListPage(request, preset: 50)
    let jobs = try index.ask { try $0.page(limit: page.limit, before: page.before) }
    return try Response.json(RunList(runs: jobs.map { run(try $0.shown().listed) }))
  }

  @Sendable private func remove(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    try await queue.remove(indexed(context).id)
    return Response(status: .noContent)
  }

  private func indexed(_ context: BenchRequestContext) throws -> IndexedJob {
    let id = try context.parameters.require("id")
    guard let job = try index.ask({ try $0.job(id) }) else { throw ServiceError(.runUnknown, "there is no run \(id)") }
    return job
  }

  private func model(_ context: BenchRequestContext) throws -> ModelSummary {
    let id = try context.parameters.require("id")
    guard let model = try index.ask({ try $0.model(id) }) else {
      throw ServiceError(.modelUnknown, "there is no model \(id)")
    }
    return ModelSummary(model)
  }

  private func run(_ summary: JobSummary) -> RunSummary {
    let directory = folder.appendingPathComponent(summary.id)
    let names = AtomicFile.names(in: directory.path).filter { !AtomicFile.isUnfinished($0) }.sorted()
    let sizes = names.map { name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: directory.appendingPathComponent(name).path)
      return attributes?[.size] as? Int ?? 0
    }
    return RunSummary(job: summary, files: names, bytes: sizes.clampedSum())
  }
}
