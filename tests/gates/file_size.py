#!/usr/bin/env python3
"""One file, one noun: over 400 lines is a question, over 600 a failure.

In:    sources, scripts and build files.
Out:   files beyond either number.
Never: counts documents, data or golden files.
"""
import common

QUESTION = 400
SPLIT = 600


def main():
    paths = [path for path in common.files("*.h", "*.cpp", "*.sql", "*.py", "*.sh", "*.cmake",
                                           "CMakeLists.txt")
             if not str(path).startswith(("tests/fixtures/", "tests/golden/"))]
    lines = {path: common.text(path).count("\n") for path in paths}
    common.report(
        {"files": len(lines)},
        [f"{path}: {count} lines: split it" for path, count in lines.items() if count > SPLIT],
        [f"{path}: {count} lines" for path, count in lines.items() if QUESTION < count <= SPLIT])


main()
