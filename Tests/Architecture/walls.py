#!/usr/bin/env python3
"""Holds the walls between modules. Reads the imports of all Swift sources and the manifest:

- only the catalogue of drivers, and the program that puts the daemon together, name a driver;
- drivers reach neither optics nor FFTW, directly or through other modules; the plant transforms with FFTW itself, and with none
  of the twin's code;
- no HTTP and no networking below access, service and client: jobs, their kinds and the lending of the bench reach none;
- the queue of jobs and the service name no kind of job;
- the second plant of the benchmarks reaches arrays and nothing else of ours;
- records on disk do not change with the wire format;
- only StrictYAML links a YAML library;
- a target declares what it imports, and imports what it declares;
- no circle of files that name each other's types is larger than three.

An exception stands in ALLOWED with its reason, and one that is not needed any more is a fault, too. The script first checks
itself. Needs Python's standard library and the Swift toolchain.

    walls.py [--circles]       --circles prints the files of the larger circles"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from checking import PROJECT, conclude  # noqa: E402

IMPORT = re.compile(r"(?m)^(?:@\w+(?:\(\w+\))? )?(?:public |package |internal |private |fileprivate )?import (?:\w+ )?(\w+)$")
DECLARATION = re.compile(
    r"(?m)^(?:public |package |fileprivate |private |final |indirect )*(?:struct|class|enum|protocol|actor|typealias) (\w+)"
)

DRIVERS = {"Simulated", "DRM", "Framebuffer", "DLPC900", "V4L2", "PatternPlayer"}
NETWORK = {"Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HTTPTypes", "AsyncHTTPClient"}
NETWORK |= {"NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTPTypes", "NIOExtras", "NIOSSL"}
YAML = {"Yams", "CYaml"}
OPTICS = {"Optics", "COptics", "Twin"}
PLANT = "Simulated"
LARGEST_CIRCLE = 3

# (module, what it may reach although a wall forbids it): why
ALLOWED = {
    ("MeasurementFiles", "Yams"): "its index is read by a decoder of Yams; to be read by StrictYAML, with places of mistakes",
}
# Module: the largest circle of files that it still has. Numbers here only fall.
CIRCLES: dict[str, int] = {}

# What runs jobs and serves them, whatever they do.
GENERIC = {"ServiceCore", "Lending", "Jobs", "Access", "BenchService"}
# (module, what it names of a kind of job although it is generic): why
NAMED = {
    ("Lending", "MeasureRequest"): "POST /v1/measure measures at once, without a job",
    ("BenchService", "MeasureRequest"): "POST /v1/measure measures at once, without a job",
    ("BenchService", '"measure"'): "the path of that route",
}


def manifest():
    """Target: (folder, names of targets and products that it declares)."""
    answer = subprocess.run(["swift", "package", "dump-package"], cwd=PROJECT, capture_output=True, text=True, check=True)
    targets = {}
    for target in json.loads(answer.stdout)["targets"]:
        declared = set()
        for dependency in target["dependencies"]:
            declared.add(next(iter(dependency.values()))[0])
        folder = target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + target["name"]
        targets[target["name"]] = (folder, declared, target["type"])
    return targets


def imports(folder):
    found = set()
    for file in (PROJECT / folder).rglob("*.swift"):
        found |= set(IMPORT.findall(file.read_text()))
    return found


def closure(name, graph):
    reached, waiting = set(), [name]
    while waiting:
        for other in graph.get(waiting.pop(), set()) - reached:
            reached.add(other)
            waiting.append(other)
    return reached


def forbidden(name, folder, graph):
    """What the walls keep the module from, of what it reaches."""
    faults = set()
    if folder.startswith(("Sources", "Calibration", "Recipes")) and name != "odud":
        faults |= graph[name] & DRIVERS
    if name in DRIVERS | {"Devices", "Hotplug"}:
        faults |= closure(name, graph) & (OPTICS if name == PLANT else OPTICS | {"CFFTW"})
    if name not in {"Access", "BenchService", "BenchClient", "Connections"}:
        faults |= graph[name] & NETWORK
    if name in GENERIC - {"Access", "BenchService"} | {"JobKinds"}:
        faults |= closure(name, graph) & (NETWORK | {"Access", "BenchService", "BenchClient"})
    if name in GENERIC:
        faults |= graph[name] & {"JobKinds"}
    if name == "SecondPlant":
        faults |= closure(name, graph) & set(graph) - {"Arrays"}
    if name != "StrictYAML":
        faults |= graph[name] & YAML
    if name == "Records":
        faults |= graph[name] & {"BenchAPI"}
    return faults


def products(targets):
    """Name and folder of what is not for tests and benchmarks, and of the second plant, which has a wall of its own."""
    kept = ("Sources", "Drivers", "Calibration", "Recipes", "Benchmarks/second-plant")
    return [(name, folder) for name, (folder, _, _) in targets.items() if folder.startswith(kept)]


def wall_faults(targets, graph, allowed):
    # What is allowed hides nothing else: it is an import that is not there.
    rest = {name: {other for other in others if (name, other) not in allowed} for name, others in graph.items()}
    faults = [
        f"{name} reaches {other}" for name, folder in products(targets) for other in sorted(forbidden(name, folder, rest))
    ]
    unused = [(name, other) for name, other in allowed if other not in graph.get(name, set())]
    return faults + [f"{name} no longer imports {other}: strike it from ALLOWED" for name, other in unused]


def kind_words(kinds):
    """What names a kind of job in code: its types, and its name as a text."""
    words = set()
    for kind in kinds:
        words |= {kind.capitalize() + end for end in ("Job", "Request", "Result")} | {f'"{kind}"'}
    return words


def named_kinds(text, words):
    code = re.sub(r"(?m)//.*$", "", text)
    return words & set(re.findall(r'\b[A-Z]\w*\b|"\w+"', code))


def kind_faults(targets, allowed):
    sources = {name: [file.read_text() for file in (PROJECT / targets[name][0]).rglob("*.swift")] for name in GENERIC | {"JobKinds"}}
    kinds = {kind for text in sources["JobKinds"] for kind in re.findall(r'static (?:let kind =|var kind: String \{) "(\w+)"', text)}
    named = {(name, word) for name in GENERIC for text in sources[name] for word in named_kinds(text, kind_words(kinds))}
    faults = [] if kinds else ["JobKinds has no kind of job that this script can read"]
    faults += [f"{name} names a kind of job: {word}" for name, word in sorted(named - set(allowed))]
    return faults + [f"{name} no longer names {word}: strike it from NAMED" for name, word in set(allowed) - named]


def declaration_faults(targets, graph):
    faults = []
    for name, (_, declared, _) in targets.items():
        own = {other for other in graph[name] if other in targets}
        faults += [f"{name} imports {other} and does not declare it" for other in sorted(own - declared)]
        # A target that is run as a program by a test is declared and not imported.
        unused = {other for other in declared - graph[name] if other in targets and targets[other][2] != "executable"}
        faults += [f"{name} declares {other} and does not import it" for other in sorted(unused)]
    return faults


def circles(files):
    """Sets of files of which each names types that the next declares; `files` maps names to texts."""
    owner = {}
    for name, text in files.items():
        for kind in DECLARATION.findall(text):
            owner.setdefault(kind, name)
    graph = {}
    for name, text in files.items():
        code = re.sub(r"(?m)//.*$", "", text)
        words = set(re.findall(r"\b[A-Z]\w*\b", code))
        graph[name] = {owner[word] for word in words if word in owner} - {name}
    reach = {name: closure(name, graph) for name in graph}
    found, seen = [], set()
    for name in sorted(graph):
        if name not in seen and name in reach[name]:
            circle = {other for other in reach[name] if name in reach[other]}
            seen |= circle
            found.append(sorted(circle))
    return found


def circle_faults(targets, shows):
    faults = []
    for name, folder in products(targets):
        files = {str(file.relative_to(PROJECT)): file.read_text() for file in (PROJECT / folder).rglob("*.swift")}
        found = circles(files)
        for circle in found:
            if shows and len(circle) > LARGEST_CIRCLE:
                print(f"{name}: {len(circle)} files\n  " + "\n  ".join(circle))
        largest = max(map(len, found), default=0)
        limit = CIRCLES.get(name, LARGEST_CIRCLE)
        if largest > limit:
            faults.append(f"{name} has a circle of {largest} files, {limit} are allowed (--circles prints them)")
        if name in CIRCLES and largest < limit:
            faults.append(f"{name}'s largest circle has {largest} files: lower its number in CIRCLES")
    return faults


def check_itself():
    """Faults that it makes must be found."""
    three = {"a": "struct A { var b: B }", "b": "struct B { var c: C }", "c": "struct C { var a: A? }", "d": "struct D { var a: A }"}
    assert circles(three) == [["a", "b", "c"]], circles(three)
    assert set(IMPORT.findall("import A\n@testable import B\npublic import struct C\n// import D\n")) == {"A", "B", "C"}
    targets = {"Devices": ("Sources/Devices", set(), "regular"), "DRM": ("Drivers/DRM", {"Devices"}, "regular"),
               "Training": ("Sources/Training", {"DRM"}, "regular"), "Files": ("Sources/Files", {"Arrays"}, "regular"),
               "Arrays": ("Sources/Arrays", set(), "regular")}
    graph = {"Devices": {"NIOCore"}, "DRM": {"Devices", "Twin"}, "Training": {"DRM"}, "Files": {"Devices"}, "Arrays": set()}
    walls = ["Devices reaches NIOCore", "DRM reaches Twin", "Training reaches DRM"]
    assert wall_faults(targets, graph, {}) == walls, wall_faults(targets, graph, {})
    assert wall_faults(targets, graph, {("Files", "DRM"): ""})[-1].endswith("strike it from ALLOWED")
    words = kind_words({"train"})
    assert named_kinds('let a = TrainJob.kind // CompareJob', words) == {"TrainJob"}
    assert named_kinds('if kind == "train" { Trainer() }', words) == {'"train"'}
    assert len(declaration_faults(targets, graph)) == 2, declaration_faults(targets, graph)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--circles", action="store_true")
    options = parser.parse_args()
    check_itself()
    targets = manifest()
    graph = {name: imports(folder) for name, (folder, _, _) in targets.items()}
    faults = wall_faults(targets, graph, ALLOWED) + declaration_faults(targets, graph)
    faults += kind_faults(targets, NAMED) + circle_faults(targets, options.circles)
    conclude(f"walls.py: {len(targets)} targets, {len(faults)} faults, {len(ALLOWED) + len(NAMED)} exceptions", faults)


if __name__ == "__main__":
    main()
