#!/usr/bin/env python3
"""Finds, in programs, thread-local addresses that are kept for another thread.

scan.py PROGRAM…   lists the functions in which that happens, and fails when there are any
scan.py --self-test   tries itself on fixture.s, where it is known which functions do and which do not

An async function goes on after an await on whatever thread is free. The compiler may look up the address of a thread-local variable
before the await and use it afterwards: it is then another thread's. `Synchronization.Mutex` does that when it is inlined (its
note of the thread's number), and ends the process; `errno` and `pthread_self` could do it, too. In the program such an address is
seen going from a register into memory that is not the function's own stack: into the frame that the task takes along.

Exit status 77: this machine's programs cannot be read here.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parents[1]
SKIPPED = 77

# Functions of dependencies in which the fault is, which nothing here calls, and what a source would have to import for that.
UNREACHABLE = {
    "MutableInMemoryProvider.watchSnapshot": "Configuration",
}

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\s+((?:data16 |rex\.W |cs |ds |lock |rep |repz |notrack )*)(\S+)\s*(.*?)(?:\s+#.*|\s*<.*>)?$")
MEMORY = re.compile(r"^(?:%(\w+):)?(-?0x[0-9a-f]+)?(?:\((%\w+)?(?:,(%\w+))?(?:,\d)?\))?$")
# How the name of the parts of an async function ends.
PART = re.compile(r"T[QY]\d+_$")
# Calls that answer with an address of the calling thread.
ANSWERS = ("__tls_get_addr", "__errno_location", "pthread_self")
KEPT_BY_CALLS = {"rbx", "rbp", "rsp", "r12", "r13", "r14", "r15"}
NARROW = {f"e{r}": f"r{r}" for r in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp")} | {f"r{n}d": f"r{n}" for n in range(8, 16)}


def register(operand):
    name = operand.lstrip("%")
    return NARROW.get(name, name)


def operands(text):
    """The operands of an instruction; commas in parentheses do not part them."""
    return [part.strip() for part in re.split(r",(?![^(]*\))", text) if part.strip()]


class Function:
    """Follows the addresses through the instructions of one function, from the first to the last."""

    def __init__(self, name):
        self.name = name
        self.local = set()  # registers and stack slots that have a thread-local address
        self.stack = {"rsp", "rbp"}  # registers that point into the function's stack
        self.places = []

    def take(self, place, mnemonic, text):
        if mnemonic.startswith("call"):
            self.call(text)
            return
        parts = operands(text)
        if len(parts) != 2:
            if mnemonic.startswith("pop") and parts:
                self.local.discard(register(parts[0]))
            return
        source, target = parts
        if target.startswith("%"):
            self.load(mnemonic, source, register(target))
        elif mnemonic in ("mov", "movq") and source.startswith("%"):
            self.store(place, register(source), target)

    def call(self, text):
        self.local = {name for name in self.local if name in KEPT_BY_CALLS or "(" in name}
        if any(answer in text for answer in ANSWERS):
            self.local.add("rax")

    def load(self, mnemonic, source, target):
        if self.is_local(mnemonic, source, target):
            self.local.add(target)
        else:
            self.local.discard(target)
        if target != "rsp" and mnemonic in ("mov", "lea"):
            base = register(source) if source.startswith("%") and mnemonic == "mov" else None
            if base in self.stack:
                self.stack.add(target)
            elif target != "rbp":
                self.stack.discard(target)

    def is_local(self, mnemonic, source, target):
        if mnemonic == "mov":
            return source == "%fs:0x0" or (register(source) if source.startswith("%") else source) in self.local
        memory = MEMORY.match(source)
        if mnemonic == "lea" and memory:
            return any(part and register(part) in self.local for part in memory.groups()[2:])
        if mnemonic == "add":
            return source == "%fs:0x0" or target in self.local
        return mnemonic in ("sub", "cmp", "test", "push") and target in self.local

    def store(self, place, source, target):
        memory = MEMORY.match(target)
        if not memory:
            return
        segment, _, base, _ = memory.groups()
        if source not in self.local:
            self.local.discard(target)
        elif base and register(base) in self.stack:
            self.local.add(target)
        elif not segment:
            self.places.append(place)


def asynchronous(program):
    """The async functions of a program that keep a thread-local address. What comes after an await is a function of its own, whose
    name has an ending; so has at least one other part of a function that begins before."""
    names, keeping = set(), []
    for function in functions(program):
        names.add(PART.sub("", function.name) if PART.search(function.name) else None)
        if function.places:
            keeping.append(function)
    return [function for function in keeping if PART.sub("", function.name) in names]


def functions(program):
    """The Swift functions of a program."""
    listing = subprocess.Popen(
        ["objdump", "-d", "--no-show-raw-insn", program], stdout=subprocess.PIPE, text=True, errors="replace")
    current = None
    for line in listing.stdout:
        if named := FUNCTION.match(line):
            if current:
                yield current
            current = Function(named[1]) if named[1].startswith("$s") else None
        elif current and (instruction := INSTRUCTION.match(line)):
            address, _, mnemonic, rest = instruction.groups()
            current.take(address, mnemonic, rest if not mnemonic.startswith("call") else line)
    if current:
        yield current
    if listing.wait() != 0:
        raise SystemExit(f"{program}: objdump cannot read it")


def demangled(names):
    answer = subprocess.run(
        ["swift", "demangle", "--compact", "--simplified"], input="\n".join(names), capture_output=True, text=True, check=True)
    return answer.stdout.strip().split("\n") if names else []


def imports(module):
    """Whether a source of the programs imports the module."""
    pattern = re.compile(rf"^\s*(?:\w+ |@\w+ )*import (?:\w+ )?{module}\b", re.MULTILINE)
    folders = ("Sources", "Drivers", "Calibration")
    return any(pattern.search(file.read_text()) for folder in folders for file in (SOURCES / folder).rglob("*.swift"))


def scan(program):
    """Whether the program is free of the fault in all that it can reach."""
    found = asynchronous(program)
    free = True
    for function, name in zip(found, demangled([function.name for function in found])):
        module = next((module for part, module in UNREACHABLE.items() if part in name), None)
        if module and not imports(module):
            print(f"{program}: not counted, for nothing imports {module}: {name}")
            continue
        free = False
        print(f"{program}: a thread-local address is kept at {', '.join(function.places)}, in {name}")
    if free:
        print(f"{program}: no thread-local address is kept across an await")
    return free


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        fixture = pathlib.Path(folder, "fixture.so")
        subprocess.run(["cc", "-shared", "-nostdlib", HERE / "fixture.s", "-o", fixture], check=True)
        found = {function.name for function in asynchronous(fixture)}
        names = set(re.findall(r'^"(\$s\w+)":', (HERE / "fixture.s").read_text(), re.MULTILINE))
    wrong = {name for name in names if (name in found) != name.startswith("$skeeps")}
    for name in sorted(wrong):
        print(f"fixture.s: {name} was {'found, and keeps nothing' if name in found else 'not found'}")
    print(f"fixture.s: {len(found)} of {len(names)} functions keep a thread-local address")
    return bool(names) and not wrong


def main(arguments):
    if not shutil.which("objdump") or subprocess.run(["uname", "-m"], capture_output=True, text=True).stdout.strip() != "x86_64":
        print("thread-local addresses are looked for in x86-64 programs, with objdump")
        return SKIPPED
    if arguments == ["--self-test"]:
        return 0 if self_test() else 1
    return 0 if arguments and all([scan(program) for program in arguments]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
