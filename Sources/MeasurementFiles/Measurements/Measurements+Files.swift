import Files

extension Measurements {
  /// Reads an HDF5 file, a folder with an `index.yaml`, or the recordings in the folder of a run.
  ///
  /// - Throws: `FilesError`, which names the file and the place of the first mistake.
  public static func read(_ path: String) throws -> Measurements {
    let measurements: Measurements
    if AtomicFile.isFolder(path) {
      let folder = MeasurementFolder(path: path)
      let recordings = folder.isIndexed ? [] : RecordedSeries.paths(in: path)
      measurements = recordings.isEmpty ? try folder.read() : try MeasurementHDF5(paths: recordings).read()
    } else {
      measurements = try MeasurementHDF5(paths: [path]).read()
    }
    try measurements.validate(source: path)
    return measurements
  }

  /// Writes an HDF5 file when the name ends in `.h5` or `.hdf5`, otherwise a folder, which is made when absent.
  ///
  /// - Throws: `FilesError`.
  public func write(to path: String) throws {
    try validate(source: path)
    if Self.isHDF5(path) {
      try MeasurementHDF5(paths: [path]).write(self, to: path)
    } else {
      try MeasurementFolder(path: path).write(self)
    }
  }

  /// Refuses, before the frames are taken, a path to which they could not be written.
  ///
  /// - Throws: `FilesError`.
  public static func requireWritable(_ path: String) throws {
    if isHDF5(path) {
      try AtomicFile.requireWritable(file: path)
    } else {
      try AtomicFile.requireWritable(folder: path)
    }
  }

  private static func isHDF5(_ path: String) -> Bool { path.hasSuffix(".h5") || path.hasSuffix(".hdf5") }
}
