#!/usr/bin/env python3
"""Names what the selected tests need, so that one edit does not build everything.

In:    the folder of a configured build, and arguments of ctest.
Out:   targets, one a line; more than needed rather than less: -L and -R narrow, what else narrows is not looked at.
Never: runs a test, or trusts a list of tests that is older than the sources.
"""
import json
import pathlib
import re
import subprocess
import sys

CASE = re.compile(r'\bTEST_CASE(?:_METHOD)?\s*\(\s*(?:[\w:]+\s*,\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)')
OTHER_CASES = re.compile(r"\b(?:SCENARIO|TEMPLATE_\w*TEST_CASE\w*|METHOD_AS_TEST_CASE|REGISTER_TEST_CASE)\s*\(")


def patterns_of(arguments):
    """What -L and -R say, as two lists."""
    labels, names = [], []
    for place, argument in enumerate(arguments):
        for short, long, found in (("-L", "--label-regex", labels), ("-R", "--tests-regex", names)):
            if argument in (short, long) and place + 1 < len(arguments):
                found.append(arguments[place + 1])
            elif argument.startswith(long + "="):
                found.append(argument[len(long) + 1:])
            elif argument.startswith(short) and len(argument) > 2 and not argument.startswith("--"):
                found.append(argument[2:])
    return labels, names


def matches(pattern, text):
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True  # ctest reads it differently: whatever it means


def cases_of(source):
    """Names of the tests in a source; None: they cannot be told."""
    text = source.read_text(encoding="utf-8", errors="replace")
    if OTHER_CASES.search(text):
        return None
    return ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"').replace("\\\\", "\\")
            for literals in CASE.findall(text)]


def selected(name, sources, patterns):
    """Whether a test of this program has a name that all the patterns match."""
    for source in sources:
        cases = cases_of(source)
        if cases is None or any(all(matches(pattern, f"{name}: {case}") for pattern in patterns) for case in cases):
            return True
    return False


def main():
    build, arguments = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    labels, names = patterns_of(arguments)
    if not labels and not names:
        print("all")
        return
    # Lines "catch NAME LABEL source;source;…", "fuzz NAME" and "tool NAME", written by tests/CMakeLists.txt.
    programs, others, tools = {}, set(), set()
    for line in (build / "test_programs.txt").read_text(encoding="utf-8").splitlines():
        kind, name, *rest = line.split(" ", 3)
        if kind == "tool":
            tools.add(name)
        elif kind == "fuzz":
            others.add(name)
        else:
            programs[name] = (rest[0], [pathlib.Path(source) for source in rest[1].split(";")])
    needed = {name for name, (label, sources) in programs.items()
              if all(matches(pattern, label) for pattern in labels) and selected(name, sources, names)}
    # The rest as ctest knows it: from the build lists, which are up to date. A program that it names was built before.
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1", *arguments],
                             capture_output=True, text=True, check=True).stdout
    folder = build / "bin"
    for test in json.loads(listing)["tests"]:
        for argument in test.get("command", ()):
            if argument == str(folder):
                needed |= tools
            elif pathlib.Path(argument).parent == folder:
                needed.add(pathlib.Path(argument).name)
        if "command" not in test:  # its program was not built yet: "fuzz_policy: corpus", "unit_os_NOT_BUILT-1a2b"
            needed.add(re.split("_NOT_BUILT|:", test["name"])[0])
    print("\n".join(sorted(needed & (set(programs) | others | tools))))


main()
