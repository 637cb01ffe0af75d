#!/usr/bin/env python3
"""Every test is part of the test run, every source of a build, every fuzz target has a corpus.

In:    tests/, the sources of the two programs, and all CMakeLists.txt.
Out:   files that nothing builds or runs.
Never: executes anything.
"""
import re

import common

# Helpers that a registered script calls, or that a person calls.
CALLED_BY_OTHERS = {"tests/run.sh", "tests/install.sh", "tests/golden/accept.sh",
                    "tests/gates/common.py", "tests/fuzz/replay.cpp"}


def main():
    lists = {path.parent: common.text(path) for path in common.files("CMakeLists.txt")}
    everything = "\n".join(lists.values())
    # The lines of the census are run by a shell.
    scripts = "\n".join(common.text(path) for path in common.files("*.py", "*.sh", "census/*.txt")
                        if path.parts[0] == "tests")
    problems = []

    def registered(path):
        """Named by a list of its folder or above, by its path from there; or matched by a glob."""
        for folder in path.parents:
            lines = lists.get(folder, "")
            name = re.escape(str(path.relative_to(folder)))
            if re.search(rf"(?<![\w/.-]){name}(?![\w-])|/{name}(?![\w-])", lines):
                return True
            if re.search(r"file\(GLOB", lines) and f"*{path.suffix}" in lines:
                return True
        return False

    def used(path):
        """A script calls it by name, or imports it."""
        return path.name in scripts or re.search(
            rf"^\s*(?:import|from) {re.escape(path.stem)}\b", scripts, re.MULTILINE)

    tests = [path for path in common.files("*.cpp", "*.py", "*.sh") if path.parts[0] == "tests"
             and str(path) not in CALLED_BY_OTHERS and "fixtures" not in path.parts]
    targets = []
    for path in tests:
        if path.parts[1] == "fuzz" and path.suffix == ".cpp":
            targets.append(path)
            if not re.search(rf"sockwitness_fuzz\(\s*{path.stem}\b", everything):
                problems.append(f"{path}: no sockwitness_fuzz({path.stem} …)")
            corpus = common.ROOT / "tests/fuzz/corpus" / path.stem
            if not corpus.is_dir() or not any(corpus.iterdir()):
                problems.append(f"{path}: no seed in tests/fuzz/corpus/{path.stem}")
        elif not registered(path) and not used(path):
            problems.append(f"{path}: named in no CMakeLists.txt")

    sources = [path for path in common.files("*.cpp")
               if path.parts[0] in ("schema", "recorder", "query")]
    problems += [f"{path}: named in no CMakeLists.txt" for path in sources if not registered(path)]
    common.report({"tests": len(tests), "fuzz targets": len(targets), "sources": len(sources)},
                  problems)


main()
