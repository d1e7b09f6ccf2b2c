/// Why a request was refused, a job failed or waits, or a calibration should be made again: one word for programs.
///
/// Words are dotted, with what they are about first. Once published, a word keeps its meaning and is never removed or
/// renamed ([why](../decisions/0044-causes.md)); the sentence beside it may change at any time. Answers hold the word as
/// text, since a daemon may be newer than its client and know more of them.
public enum Cause: String, Sendable, Equatable, CaseIterable {
  // What was sent
  case requestMalformed = "request.malformed"
  case requestInvalid = "request.invalid"
  case requestTooLarge = "request.tooLarge"
  case requestTooSlow = "request.tooSlow"
  case routeUnknown = "route.unknown"
  case routeMethod = "route.method"
  case nameInvalid = "name.invalid"
  case parameterUnknown = "parameter.unknown"
  case parameterInvalid = "parameter.invalid"
  case parameterUnknownName = "parameter.unknownName"

  // Who sent it
  case accessRole = "access.role"
  case accessOrigin = "access.origin"
  case accessHost = "access.host"
  case accessUser = "access.user"
  case accessTokenMissing = "access.tokenMissing"
  case accessTokenUnknown = "access.tokenUnknown"
  case accessTooManyAttempts = "access.tooManyAttempts"
  case accessTooManyConnections = "access.tooManyConnections"

  // The bench and its devices
  case benchOpening = "bench.opening"
  case benchMissing = "bench.missing"
  case benchNoDevices = "bench.noDevices"
  case benchFile = "bench.file"
  case benchInUse = "bench.inUse"
  case benchPaused = "bench.paused"
  case benchNoFrame = "bench.noFrame"
  case benchNotSimulated = "bench.notSimulated"
  case benchClock = "bench.clock"
  case deviceMissing = "device.missing"
  case deviceInUse = "device.inUse"
  case deviceNoPermission = "device.noPermission"
  case deviceDisconnected = "device.disconnected"
  case deviceFailed = "device.failed"
  case deviceSetting = "device.setting"
  case driverUnknown = "driver.unknown"
  case modulatorUnknown = "modulator.unknown"
  case leaseEnded = "lease.ended"
  case leaseInUse = "lease.inUse"

  // Arrays, patterns, measurements
  case arrayUnknown = "array.unknown"
  case arrayInvalid = "array.invalid"
  case arrayTooLarge = "array.tooLarge"
  case arrayNoRoom = "array.noRoom"
  case patternInvalid = "pattern.invalid"
  case patternTooLarge = "pattern.tooLarge"
  case measurementShape = "measurement.shape"
  case measurementValue = "measurement.value"
  case measurementTooLarge = "measurement.tooLarge"
  case measurementNone = "measurement.none"
  case frameNone = "frame.none"
  case twinNoAnswer = "twin.noAnswer"

  // Jobs
  case jobUnknown = "job.unknown"
  case jobUnknownKind = "job.unknownKind"
  case jobEnded = "job.ended"
  case jobNotEnded = "job.notEnded"
  case jobNotPaused = "job.notPaused"
  case jobNoResult = "job.noResult"
  case jobQueueFull = "job.queueFull"
  case jobTooManyPaused = "job.tooManyPaused"
  case jobPaused = "job.paused"
  case jobStopping = "job.stopping"
  case jobInterrupted = "job.interrupted"
  case jobIdle = "job.idle"
  case jobCrashing = "job.crashing"
  case jobNotResumable = "job.notResumable"
  case jobRecordDamaged = "job.recordDamaged"
  case jobFailed = "job.failed"
  case jobTooLarge = "job.tooLarge"
  case artefactUnknown = "artefact.unknown"
  case runUnknown = "run.unknown"
  case fileUnusable = "file.unusable"
  case filesUnresponsive = "files.unresponsive"

  // What jobs make and use
  case calibrationUnknown = "calibration.unknown"
  case calibrationExists = "calibration.exists"
  case calibrationNotAccepted = "calibration.notAccepted"
  case calibrationSaturated = "calibration.saturated"
  case calibrationNoLight = "calibration.noLight"
  case calibrationNoChange = "calibration.noChange"
  case calibrationNotFound = "calibration.notFound"
  case calibrationAmbiguous = "calibration.ambiguous"
  case calibrationRegionUnfit = "calibration.regionUnfit"
  case calibrationMissing = "calibration.missing"
  case calibrationNotKept = "calibration.notKept"
  case calibrationStaleBench = "calibration.stale.bench"
  case calibrationStaleDevice = "calibration.stale.device"
  case calibrationStaleParent = "calibration.stale.parent"
  case calibrationStaleAge = "calibration.stale.age"
  case calibrationStaleClock = "calibration.stale.clock"
  case datasetUnusable = "dataset.unusable"
  case modelUnknown = "model.unknown"
  case modelUnusable = "model.unusable"
  case trainingDiverged = "training.diverged"
  case trainingUnfit = "training.unfit"
  case twinInvalid = "twin.invalid"
  case fitImpossible = "fit.impossible"

  // The daemon itself
  case stateFull = "state.full"
  case stateUnwritable = "state.unwritable"
  case stateDamaged = "state.damaged"
  case serviceBusy = "service.busy"
  case serviceStartup = "service.startup"
  case serviceStopping = "service.stopping"
  case serviceUnreachable = "service.unreachable"
  case serviceFault = "service.fault"
}

extension Cause {
  /// The classes of causes: what a client can do about a refusal, whatever it asked for.
  public enum Code: String, Sendable, CaseIterable {
    case invalid
    case unauthorised
    case forbidden
    case absent = "not-found"
    case conflict
    case tooLarge = "too-large"
    case full
    case storage
    case damaged
    case device
    case opening
    case `internal`
  }

  /// The class of the cause.
  public var code: Code { entry.code }

  /// What the cause means, in one line without a full stop.
  public var meaning: String { entry.meaning }

  private var entry: (code: Code, meaning: String) {
    switch self {
    case .requestMalformed: (.invalid, "the request is no HTTP or its body no JSON")
    case .requestInvalid: (.invalid, "a member of the body or a value of the query is missing or makes no sense")
    case .requestTooLarge: (.tooLarge, "the body is larger than the route accepts")
    case .requestTooSlow: (.invalid, "the head or the body of the request took too long")
    case .routeUnknown: (.absent, "there is no such route")
    case .routeMethod: (.invalid, "the route exists, but not for this method; `Allow` says for which")
    case .nameInvalid: (.invalid, "a name has characters that names cannot have, or too many")
    case .parameterUnknown: (.invalid, "the kind of job has no parameter of this name")
    case .parameterInvalid: (.invalid, "a parameter is missing, or has a value that it cannot have")
    case .parameterUnknownName:
      (.invalid, "a parameter names a sampler, trainer, routine, recipe … that there is not; see `/v1/kinds`")

    case .accessRole: (.forbidden, "the caller lacks the role that the request needs")
    case .accessOrigin: (.forbidden, "the request comes from a web page of another origin")
    case .accessHost: (.forbidden, "the request is addressed to a name that is not the daemon's")
    case .accessUser: (.forbidden, "the forwarded page belongs to another user of the machine")
    case .accessTokenMissing: (.unauthorised, "on TCP, no token was given")
    case .accessTokenUnknown: (.unauthorised, "on TCP, the token is not one of the daemon's")
    case .accessTooManyAttempts: (.unauthorised, "too many wrong tokens arrive at the same time")
    case .accessTooManyConnections: (.full, "the connections of the caller or of its class are all in use")

    case .benchOpening: (.opening, "the bench is being opened; ask again in a moment")
    case .benchMissing: (.device, "the bench cannot be opened")
    case .benchNoDevices: (.device, "the bench file describes no devices")
    case .benchFile: (.device, "the bench file is wrong")
    case .benchInUse: (.conflict, "another client or job has the bench")
    case .benchPaused: (.device, "a device of the bench is gone; the measurement resumes when it is back")
    case .benchNoFrame: (.device, "no frame could be credited to a pattern in time")
    case .benchNotSimulated: (.absent, "the bench is real, or missing; this is for simulated ones")
    case .benchClock: (.conflict, "the clock of the simulated bench cannot be moved further")
    case .deviceMissing: (.device, "a device of the bench is not there")
    case .deviceInUse: (.device, "another program uses a device of the bench")
    case .deviceNoPermission: (.device, "the daemon may not open a device of the bench")
    case .deviceDisconnected: (.device, "a device was unplugged")
    case .deviceFailed: (.device, "a device did not do what it should")
    case .deviceSetting: (.device, "a device does not accept a setting, or cannot do what the bench file asks of it")
    case .driverUnknown: (.device, "the bench file names a driver that there is not; see `/v1/kinds`")
    case .modulatorUnknown: (.absent, "the bench has no modulator of this name")
    case .leaseEnded: (.conflict, "the lease has ended")
    case .leaseInUse: (.conflict, "another request of the same lease is under way")

    case .arrayUnknown: (.absent, "there is no uploaded array of this name")
    case .arrayInvalid: (.invalid, "the array is no `.npy` file of real numbers, or is damaged")
    case .arrayTooLarge: (.tooLarge, "the array has more bytes than one array may have")
    case .arrayNoRoom: (.full, "there are as many arrays, or bytes of them, as are kept")
    case .patternInvalid: (.invalid, "the pattern is no picture of the panel's size and grey levels")
    case .patternTooLarge: (.tooLarge, "the pattern has more bytes than a pattern may have")
    case .measurementShape: (.invalid, "layers, images or blocks do not have the shape that the bench has places for")
    case .measurementValue: (.invalid, "a phase or an image has a value that cannot be shown")
    case .measurementTooLarge: (.invalid, "the measurement has too many frames for one request or job")
    case .measurementNone: (.absent, "nothing has been measured yet")
    case .frameNone: (.absent, "no frame has been seen yet")
    case .twinNoAnswer: (.conflict, "the twin has no answer to what was measured last")

    case .jobUnknown: (.absent, "there is no job with this id")
    case .jobUnknownKind: (.invalid, "there is no such kind of job; see `/v1/kinds`")
    case .jobEnded: (.conflict, "the job has ended already")
    case .jobNotEnded: (.conflict, "the job has not ended yet")
    case .jobNotPaused: (.conflict, "the job is not paused by request")
    case .jobNoResult: (.conflict, "the job has no result, or not yet")
    case .jobQueueFull: (.full, "as many jobs wait as may")
    case .jobTooManyPaused: (.full, "as many jobs are paused by request as may be")
    case .jobPaused: (.conflict, "a client paused the job; it waits to be resumed")
    case .jobStopping: (.conflict, "the job is being cancelled or paused")
    case .jobInterrupted: (.conflict, "the daemon ended; the job resumes with the next one, unless it was cancelled")
    case .jobIdle: (.internal, "the job did nothing for too long")
    case .jobCrashing: (.internal, "the daemon ended again and again during this job")
    case .jobNotResumable: (.conflict, "this version of the daemon cannot resume the job")
    case .jobRecordDamaged: (.damaged, "the record of the job is damaged; its files are kept")
    case .jobFailed: (.internal, "the job failed for a reason that has no word of its own")
    case .jobTooLarge: (.invalid, "the job would make more than one job may")
    case .artefactUnknown: (.absent, "the job has no artefact of this name")
    case .runUnknown: (.absent, "there is no run with this id")
    case .fileUnusable: (.invalid, "a file that the job names cannot be read")
    case .filesUnresponsive: (.full, "earlier jobs still wait for files that do not answer")

    case .calibrationUnknown: (.absent, "there is no calibration with this id")
    case .calibrationExists: (.conflict, "there is a calibration with this id already")
    case .calibrationNotAccepted: (.conflict, "the calibrated twin does not predict frames that the fit has not seen")
    case .calibrationSaturated: (.conflict, "frames saturate at a tenth of the light, or at the shortest exposure")
    case .calibrationNoLight: (.conflict, "no exposure shows more light than the dark")
    case .calibrationNoChange: (.conflict, "the light does not follow a panel, or never comes to rest")
    case .calibrationNotFound: (.conflict, "no way to look at the detector plane explains what the camera sees")
    case .calibrationAmbiguous: (.conflict, "two answers explain the frames about equally well")
    case .calibrationRegionUnfit:
      (.conflict, "the camera is found, and does not see the detector region that the bench file states")
    case .calibrationMissing: (.conflict, "the routine needs calibrations that the bench does not have")
    case .calibrationNotKept: (.storage, "the calibration was found and could not be kept")
    case .calibrationStaleBench: (.conflict, "the bench file describes another bench than the calibrated one")
    case .calibrationStaleDevice: (.conflict, "a device is another one than the calibrated one, or is set otherwise")
    case .calibrationStaleParent: (.conflict, "a calibration that this one builds on is no longer in force")
    case .calibrationStaleAge: (.conflict, "the calibration is older than calibrations should be")
    case .calibrationStaleClock: (.conflict, "the date of the calibration lies ahead of the clock")
    case .datasetUnusable: (.invalid, "the data set cannot be read or used as asked")
    case .modelUnknown: (.absent, "there is no model with this id, or its file is gone")
    case .modelUnusable: (.damaged, "the file is no model, or is damaged")
    case .trainingDiverged: (.internal, "the training diverged")
    case .trainingUnfit: (.conflict, "the training does not fit the bench, its data or its checkpoint")
    case .twinInvalid: (.invalid, "the twin cannot be computed with these values")
    case .fitImpossible: (.conflict, "nothing can be fitted to these frames")

    case .stateFull: (.storage, "the disk of the state folder is full")
    case .stateUnwritable: (.storage, "the state folder cannot be read or written")
    case .stateDamaged: (.damaged, "a file of the state folder is damaged")
    case .serviceBusy: (.full, "too many large bodies are in transfer")
    case .serviceStartup:
      (.conflict, "the daemon cannot start: an option, an address, a socket or its state folder cannot be used")
    case .serviceStopping: (.full, "the daemon is shutting down")
    case .serviceUnreachable: (.device, "the forwarder of the page gets no answer from the daemon")
    case .serviceFault: (.internal, "a bug in the daemon; please report it")
    }
  }
}
