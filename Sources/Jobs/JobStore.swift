import BenchAPI
import Files
import Foundation
import Logging
import Records
import ServiceCore

/// The run directories: one folder for each job with its `job.json` and its artefacts.
package struct JobStore: Sendable {
  let folder: URL
  let clock: ServiceClock
  let logger: Logger
  private let catalogue: JobCatalogue
  private let index: RecordIndex
  private let numbers: NumberCounter
  private let capacity: Int

  /// - Parameter capacity: events that are kept of one job.
  package init(
    folder: URL, catalogue: JobCatalogue, index: RecordIndex, numbers: NumberCounter, capacity: Int,
    clock: ServiceClock,
    logger: Logger
  ) {
    (self.folder, self.catalogue, self.index, self.numbers) = (folder, catalogue, index, numbers)
    (self.capacity, self.clock, self.logger) = (capacity, clock, logger)
  }

  // MARK: Writing

  /// A new job with its folder and its first record, without which the next daemon would know nothing of it.
  ///
  /// - Throws: ``ServiceError`` when the disk does not take it; nothing is then left of the job.
  func create(_ request: JobRequest) throws -> Job {
    do {
      let id = try freeName(request.kind)
      let summary = JobSummary(
        id: id, kind: request.kind, parameters: request.parameters, created: clock.date())
      let job = Job(summary: summary, directory: directory(of: id), capacity: capacity, clock: clock)
      try AtomicFile.makeFolder(job.directory.path)
      do {
        try run(id).write(job.record)
      } catch {
        // A record whose folder could not be synchronised is there all the same.
        unlink(run(id).record.path)
        rmdir(job.directory.path)
        throw error
      }
      index.save(job.record, stamp: nil)
      return job
    } catch {
      throw ServiceError.storage("the job cannot be kept: \(error)", of: error)
    }
  }

  private func freeName(_ kind: String) throws -> String {
    while true {
      let id = "\(RunningNumber.text(try numbers.next(\.run)))-\(kind)"
      if !AtomicFile.exists(directory(of: id).path) { return id }
    }
  }

  /// Writes a job's record as it is now. A full disk does not stop the job: that is logged, and the previous record stays.
  ///
  /// - Returns: whether it was written.
  @discardableResult
  func save(_ job: Job) -> Bool { job.keep { write($0) == nil } }

  /// Writes a record; that of a job which has ended into both copies, so that none is left that says otherwise.
  ///
  /// - Returns: why it was not written.
  func write(_ record: JobRecord) -> String? {
    let run = run(record.summary.id)
    do {
      try run.write(record)
      // Before the index knows the end: a start looks at runs that it does not know, and so finds what a kill has left.
      removeCheckpoint(of: record.summary)
      index.save(record, stamp: FileStamp(of: run.record.path)?.text)
      return nil
    } catch {
      logger.error("job \(record.summary.id): its record was not saved: \(error)")
      // What the disk says is not true any more, and must not make the next daemon do the job again.
      if record.summary.state.isTerminal { run.record.disown() }
      index.save(record, stamp: nil)
      return "\(error)"
    }
  }

  /// Removes what a job would resume from that will never resume. What failed may be looked into.
  private func removeCheckpoint(of summary: JobSummary) {
    guard summary.state == .succeeded || summary.state == .cancelled else { return }
    if let name = catalogue.checkpointFile(of: summary.kind) { run(summary.id).removeCheckpoint(name) }
  }

  /// Removes a run with everything in its folder. It is gone at once or not at all.
  ///
  /// - Throws: ``ServiceError`` when the disk does not do it.
  func remove(_ id: String) throws {
    let removed = folder.appendingPathComponent(".\(id)\(Self.removedSuffix)").path
    do {
      try AtomicFile.move(directory(of: id).path, to: removed)
    } catch {
      // Someone else may have removed it.
      guard !AtomicFile.exists(directory(of: id).path) else {
        throw ServiceError.storage("run \(id) cannot be removed: \(error)", of: error)
      }
    }
    index.update { try $0.remove(id) }
    removeRest(removed)
  }

  private func removeRest(_ path: String) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      logger.warning("\(path): what is left of a run that was removed: \(error.localizedDescription)")
    }
  }

  // MARK: Reading

  /// A job with its parameters as they were given, of which the job itself may remember less.
  func summary(of job: Job) -> JobSummary {
    guard job.isAbridged, let loaded = try? file(of: job.id).load(), var head = try? JobHead(record: loaded.bytes)
    else {
      return job.summary
    }
    head.summary.id = job.id
    return head.summary
  }

  /// The jobs of earlier daemons that have not ended, oldest first; they are queued again unless a client paused them. The
  /// index is brought up to date with the files, of which only those are read that it does not know.
  ///
  /// - Parameter progress: called before each record that is read, with the number of runs looked at and of all.
  package func takeUp(progress: (Int, Int) -> Void) throws -> [Job] {
    let names = try names()
    numbers.note(names.last.flatMap(RunningNumber.of) ?? 0, of: \.run)
    let known = (try? index.ask { try $0.stamps() }) ?? [:]
    var (jobs, read): ([Job], [IndexedJob]) = ([], [])
    var present = Set(names)
    for (number, name) in names.enumerated() {
      if let stamp = known[name], stamp == FileStamp(of: file(of: name).path)?.text { continue }
      progress(number, names.count)
      switch reading(name) {
      case .ended(let head, let stamp): read.append(try IndexedJob(head.summary, result: head.result, stamp: stamp))
      case .unfinished(let record): jobs.append(job(record))
      case .lost(let record, let damage): read.append(try lose(record, damage))
      case .unreadable(let reason):
        logger.warning("run \(name): its record cannot be read: \(reason)")
        if known[name] == nil { read.append(try IndexedJob(stranger(name, reason))) }
      case .empty: present.remove(name)
      }
    }
    index.fill(read, present: present)
    for job in jobs { takeUp(job) }
    return jobs
  }

  /// A job of an earlier daemon that has ended; nil when there is none of this name.
  func endedJob(_ id: String) -> Job? {
    guard FileName.isPlain(id), AtomicFile.isFolder(directory(of: id).path) else { return nil }
    let indexed = try? index.ask { try $0.job(id) }
    if let loaded = try? file(of: id).load(),
      var record = try? APICoding.decode(JobRecord.self, from: Data(loaded.bytes)), record.summary.state.isTerminal
    {
      record.summary.id = id
      return job(record)
    }
    guard let indexed, indexed.hasEnded, let head = try? indexed.head() else { return nil }
    return job(JobRecord(summary: head.summary, result: head.result, events: []))
  }

  /// The latest jobs that have ended, oldest first.
  func endedJobs(limit: Int) -> [JobSummary] {
    let latest = (try? index.ask { try $0.page(limit: limit) }) ?? []
    return latest.filter(\.hasEnded).compactMap { try? $0.shown() }.reversed()
  }

  /// What a record on the disk says.
  private enum Reading {
    case ended(JobHead, stamp: String?)
    case unfinished(JobRecord)
    /// A job that had not ended by the copy that can be read, and may have ended by the one that cannot.
    case lost(JobRecord, damage: String)
    case unreadable(String)
    /// A job that was never accepted, or another user's folder.
    case empty
  }

  private func reading(_ name: String) -> Reading {
    let (file, path) = (file(of: name), directory(of: name).path)
    AtomicFile.removeUnfinished(in: path)
    guard file.exists else {
      rmdir(path)
      return .empty
    }
    do {
      let stamp = FileStamp(of: file.path)?.text
      let loaded = try file.load()
      var head = try JobHead(record: loaded.bytes)
      let isOwn = head.summary.id == name
      head.summary.id = name
      if let damage = loaded.damage { logger.warning("run \(name): the record before the last one is used: \(damage)") }
      if isOwn, loaded.damage == nil { removeCheckpoint(of: head.summary) }
      if head.summary.state.isTerminal { return .ended(head, stamp: loaded.damage == nil ? stamp : nil) }
      var record = try APICoding.decode(JobRecord.self, from: Data(loaded.bytes))
      record.summary.id = name
      if let damage = loaded.damage { return .lost(record, damage: "\(damage)") }
      return isOwn ? .unfinished(record) : .lost(record, damage: "it is that of another job")
    } catch {
      return .unreadable("\(error)")
    }
  }

  /// Ends a job of which nobody knows whether it had ended. What it left stays as it is.
  private func lose(_ record: JobRecord, _ damage: String) throws -> IndexedJob {
    let lost = job(record)
    lost.enter(
      .failed,
      ServiceError(
        .jobRecordDamaged,
        "its record is damaged, and it may have ended: it is not repeated, and its files are kept (\(damage))"))
    let reason = write(lost.record)
    let stamp = reason == nil ? FileStamp(of: file(of: lost.id).path)?.text : nil
    return try IndexedJob(lost.summary, result: lost.result, stamp: stamp)
  }

  /// What to say of a run without a record.
  private func stranger(_ name: String, _ reason: String) -> JobSummary {
    var status = stat()
    stat(directory(of: name).path, &status)
    let kind = name.split(separator: "-", maxSplits: 1).dropFirst().first.map(String.init) ?? "unknown"
    var summary = JobSummary(
      id: name, kind: kind, parameters: .object([:]),
      created: Date(timeIntervalSince1970: TimeInterval(status.st_mtim.tv_sec)))
    summary.state = .failed
    summary.message = "its record cannot be read; its files are kept: \(reason)"
    summary.cause = Cause.jobRecordDamaged.rawValue
    return summary
  }

  /// Resumes a job that its daemon left behind, unless a client wished otherwise or it may be what ends the daemons.
  private func takeUp(_ job: Job) {
    if job.obeyWish() || job.isHeld {
      save(job)
      return
    }
    let wasRunning = job.summary.state != .queued
    let setbacks = wasRunning ? job.countSetback(checkpoint: checkpoint(of: job)) : 0
    if setbacks > Self.setbackLimit {
      job.enter(
        .failed,
        ServiceError(
          .jobCrashing, "odud ended \(setbacks) times during this job before it made progress; its log may say why"))
    } else if job.preparations >= Self.preparationLimit {
      job.enter(
        .failed,
        ServiceError(
          .jobCrashing,
          "odud ended \(job.preparations) times while it read the files of this job; its log may say why. Check "
            + "that these files are right, and not too large, before you submit it again"))
    } else if wasRunning {
      job.enter(.queued, ServiceError(.jobInterrupted, "odud ended; the job resumes from where it was saved"))
    }
    save(job)
  }

  /// Something that changes with every checkpoint of a job; nil when there is none.
  private func checkpoint(of job: Job) -> String? {
    var status = stat()
    guard let name = catalogue.checkpointFile(of: job.summary.kind),
      stat(run(job.id).checkpoint(name).path, &status) == 0
    else { return nil }
    return "\(status.st_ino) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
  }

  /// How often a daemon may end under a job without any progress in between.
  private static let setbackLimit = 20
  /// The same while it reads the job's files, which takes seconds: another reason to end just then is rare.
  private static let preparationLimit = 5

  // MARK: Names

  private static let removedSuffix = ".removed"

  /// The runs, oldest first. What is left of those that were removed goes.
  private func names() throws -> [String] {
    guard access(folder.path, R_OK | X_OK) == 0 else {
      throw ServiceError.startup("\(folder.path): cannot be read: \(String(cString: strerror(errno)))")
    }
    let names = AtomicFile.names(in: folder.path)
    for name in names where name.hasPrefix(".") && name.hasSuffix(Self.removedSuffix) {
      if RunningNumber.of(String(name.dropFirst())) != nil { removeRest(folder.appendingPathComponent(name).path) }
    }
    let numbered = names.filter(FileName.isPlain).compactMap { name in RunningNumber.of(name).map { ($0, name) } }
    return numbered.sorted { $0 < $1 }.map(\.1)
  }

  private func job(_ record: JobRecord) -> Job {
    Job(record: record, directory: directory(of: record.summary.id), capacity: capacity, clock: clock)
  }

  private func directory(of id: String) -> URL { folder.appendingPathComponent(id, isDirectory: true) }

  private func run(_ id: String) -> RunFolder { RunFolder(url: directory(of: id)) }

  private func file(of id: String) -> StateFile { run(id).record }
}

extension JobHead {
  /// - Parameter record: the text of a ``JobRecord``.
  package init(record: [UInt8]) throws {
    let members = JSONMembers.find(["summary", "result"], in: record) ?? [:]
    guard let summary = members["summary"] else {
      self = try APICoding.decode(JobHead.self, from: Data(record))
      return
    }
    self.summary = try APICoding.decode(JobSummary.self, from: Data(summary))
    result = try members["result"].map { try APICoding.decode(JSONValue.self, from: Data($0)) }
  }
}
