import Arrays
import Calibration
import Foundation
import Testing
import Twin

/// Protects tables of responses: what others write is read as they mean it, and one level more or less is never stretched.
@Suite struct ResponseTableTests {
  private static let context = ResponseTableFormat.Context(levels: 256)

  /// A panel that bends, in radians at level k of 256.
  private static func shown(_ level: Double) -> Double {
    let u = level / 256
    return 2 * .pi * (1.05 * u + 0.2 * u * (1 - u) + 0.01 * sin(2 * .pi * u))
  }

  private static func read(_ text: String, _ codes: Int? = nil, levels: Int = 256) throws -> ResponseTable {
    try ResponseTableFormats.table(in: text, .init(levels: levels, codes: codes)).table
  }

  private static func csv(_ levels: Range<Int>, _ header: String = "level,phase (rad)", unit: Double = 1) -> String {
    header + "\n" + levels.map { "\($0),\(shown(Double($0)) / unit)\n" }.joined()
  }

  @Test("256 rows are the levels, of which the last is 255/256 of a turn; 257 have its end; other numbers are refused")
  func levels() throws {
    let (open, closed) = (try Self.read(Self.csv(0..<256)), try Self.read(Self.csv(0..<257)))
    #expect(open.curve.count == 257 && closed.curve.count == 257)
    for level in 0..<256 { #expect(abs(open.curve[level] - Self.shown(Double(level))) < 1e-12) }
    #expect(Array(open.curve[..<256]) == Array(closed.curve[..<256]))
    #expect(abs(closed.curve[256] - Self.shown(256)) < 1e-12)
    // The end that levels leave out follows from their mean slope.
    #expect(abs(open.curve[256] - Self.shown(255) * 256 / 255) < 1e-12)
    for count in [255, 258] {
      #expect(throws: ResponseTableError.levels(stated: count, ofTurn: 256)) { try Self.read(Self.csv(0..<count)) }
    }
    // On a bench of 255 levels of a turn, 256 rows have the end.
    #expect(try Self.read(Self.csv(0..<256), levels: 255).curve.count == 256)
  }

  @Test(
    "the header names the unit",
    arguments: [
      ("Level;Phase [turns]", 2 * Double.pi), ("grey level, phase (waves)", 2 * .pi), ("level,phase_pi", .pi),
      ("level\tphase in degrees", .pi / 180), ("Gray,phase (rad)", 1),
    ])
  func units(header: String, unit: Double) throws {
    let separator = [";", "\t", ","].first { header.contains($0) } ?? ","
    let text = Self.csv(0..<256, header, unit: unit).split(separator: "\n")
    let rows = [String(text[0])] + text.dropFirst().map { String($0).replacing(",", with: separator) }
    let table = try Self.read("\u{feff}" + rows.joined(separator: "\r\n") + "\r\n")
    for level in 0..<256 { #expect(abs(table.phases[level] - Self.shown(Double(level))) < 1e-9) }
  }

  @Test(
    "a CSV that leaves anything to be guessed is refused",
    arguments: [
      ("level,phase\n0,0\n", "must name the unit"), ("a,b\n0,0\n", "must name a column"),
      ("level,phase (rad)\n1,0\n", "expected 0"), ("level,phase (rad)\n0,0\n0,1\n", "line 3"),
      ("level,phase (rad)\n0,zero\n", "line 2"), ("level,phase (rad)\n0,nan\n255,6\n", "no phase"),
      ("0,0\n1,1\n", "no table that odu knows"), ("", "no table that odu knows"),
    ])
  func refused(text: String, words: String) {
    #expect { try Self.read(text) } throws: { "\($0)".contains(words) }
  }

  /// The first rows of `slm5221_at1064.lut`, `linear.lut` and a table that was cut, as they are published at
  /// github.com/shymkivy/SLM_control_GUI, SLM_calibration/lut_calibration.
  @Test("published .lut rows are read as they stand, with spaces or tabs")
  func published() throws {
    let linear = (0..<256).map { "\($0)\t\(8 * $0)" }.joined(separator: "\n")
    let table = try Self.read(linear, 2048)
    for level in 0..<256 { #expect(abs(table.phases[level] - 2 * .pi * Double(level) / 256) < 1e-12) }
    #expect(table.known == 0...255)
    let first = [433, 447, 464, 484, 507, 532, 559, 585, 610, 634, 656, 677, 696, 715, 732, 749]
    // Rows of the middle lie on a line here.
    let rows = first + (16..<256).map { 766 + ($0 - 16) * (1576 - 766) / 239 }
    let real = try Self.read(rows.enumerated().map { "\($0) \($1)\n" }.joined(), 2048)
    // Level j of a linear table drives with code 8j: 440 lies between row 0 (433) and row 1 (447).
    #expect(real.known == 55...197)
    #expect(abs(real.phases[55] - 2 * .pi * 0.5 / 256) < 1e-12)
    #expect(abs(real.phases[58] - 2 * .pi * 2 / 256) < 1e-12)
    let cut = "0 0\n1 0\n2 0\n3 0\n" + (4..<256).map { "\($0) \(500 + 4 * $0)\n" }.joined()
    #expect(throws: ResponseTableError.repeated(rows: 0...3, code: 0)) { try Self.read(cut, 2048) }
    #expect(throws: ResponseTableError.noCodes) { try Self.read(linear) }
    #expect(throws: ResponseTableError.codes(rows: 257)) { try Self.read(linear + "\n256\t2048", 4096) }
    #expect { try Self.read(linear, 1024) } throws: { "\($0)".contains("code 1024 of a converter that has 1024") }
  }

  @Test(
    "a table for the panel makes level k show k/256 of a turn, and read back it says what was measured",
    arguments: ["meadowlark", "holoeye"], [2048, 4096, 65536])
  func drive(format: String, codes: Int) throws {
    let measured = try ResponseTable(levels: 256, phases: (0...256).map { Self.shown(Double($0)) })
    let context = ResponseTableFormat.Context(levels: 256, codes: codes)
    let written = try ResponseTableFormats.standard.member(named: format).text(of: measured, in: context)
    let table = try ResponseTableFormats.drive(in: written)
    let step = 256 / Double(codes)
    for (level, code) in table.codes.enumerated() {
      let phase = Self.shown(Double(code) * step) / (2 * .pi)
      // Half a code and the lines between levels.
      #expect(abs(phase - Double(level) / 256) < 0.7 * step * 1.3 / 256 + 1e-5)
    }
    let (again, name) = try ResponseTableFormats.table(in: written, context)
    #expect(name == format)
    for level in again.known.dropLast() {
      #expect(abs(again.phases[level] - Self.shown(Double(level))) < 2 * .pi * (step + 0.02) / 256)
    }
    // Made with a table loaded that bends itself, it is another table for the same phases.
    let loaded = try ResponseTableFormats.drive(in: written)
    let flat = try ResponseTable(levels: 256, phases: (0...256).map { 2 * .pi * Double($0) / 256 })
    let same = try ResponseTableFormats.standard.member(named: format).text(
      of: flat, in: .init(levels: 256, codes: codes, loaded: loaded))
    #expect(same == written)
  }

  @Test("no table is made of a panel that shows less than a turn, or that turns back")
  func impossible() throws {
    func drive(_ shown: (Double) -> Double) throws {
      let table = try ResponseTable(levels: 256, phases: (0...256).map { shown(Double($0) / 256) })
      _ = try ResponseTableFormat.meadowlark.text(of: table, in: .init(levels: 256, codes: 2048))
    }
    #expect { try drive { 0.9 * 2 * .pi * $0 } } throws: { "\($0)".contains("0.900 of a turn") }
    #expect { try drive { 6.6 * $0 + 2 * sin(6 * $0) } } throws: { "\($0)".contains("turns back at level") }
  }

  @Test("a table is the bench's response, replaces what was known of it, and unknown levels are not chosen")
  func product() throws {
    var description = TwinDescription(
      geometry: GeometryDescription(
        kind: .planes, wavelength: 850e-9, pitch: 8e-6, grid: 8, layers: 1, distance: 1e-3),
      input: InputDescription(size: 4, block: 1), detector: DetectorDescription(block: 1))
    description.modulator.regions = 1
    var parameters = TwinParameters(nominalFor: description)
    (parameters["response1"], parameters["responseKnot4"], parameters["plane1Response1"]) = (0.1, 0.02, 0.01)
    let bench = try CalibratedBench(StatedBench(description: description, parameters: parameters))
    let phases = (0..<256).map { Self.shown(Double(max(40, $0))) }
    let table = try ResponseTable(levels: 256, phases: phases, known: 40...255)
    let model = table.model(for: bench)
    let product = Product(
      content: .response(model), report: RoutineReport(estimates: [], frames: 0, fitted: 0),
      provenance: Provenance(routine: "response", software: "test"))
    let read = try JSONDecoder().decode(Product.self, from: JSONEncoder().encode(product))
    let known = try bench.adding(read)
    #expect(known.meaning == .phases && known.parameters["response1"] == 0 && known.parameters["plane1Response1"] == 0)
    let again = try ResponseTable(known, levels: 256)
    #expect(again.known == table.known)
    for level in 0..<256 { #expect(abs(again.phases[level] - table.phases[level]) < 1e-12) }
    let commands = try #require(known.inverse(for: .phases)).commands(
      .init(count: 1, height: 8, width: 8, values: (0..<64).map { Float($0) / 10 }))
    #expect(commands.values.allSatisfy { $0 > 2 * .pi * 39.5 / 256 })
    // A measurement afterwards knows all of them again.
    let measured = Product(
      content: .response(ResponseModel(curve: table.curve)), report: product.report, provenance: product.provenance)
    #expect(try known.adding(measured).description.modulator.reach == nil)
  }

  @Test("csv is written with its unit and read back to the same levels")
  func csvAgain() throws {
    let table = try ResponseTable(levels: 256, phases: (0...256).map { Self.shown(Double($0)) })
    let text = try ResponseTableFormat.csv.text(of: table, in: Self.context)
    #expect(text.hasPrefix("level,phase (rad)\n0,0.0\n"))
    #expect(try Self.read(text).phases == Array(table.phases[..<256]))
  }
}
