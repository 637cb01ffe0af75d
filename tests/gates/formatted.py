#!/usr/bin/env python3
"""C++ is laid out as .clang-format says.

In:    every C++ file of the project; clang-format 14, whose results other versions do not repeat.
Out:   files that differ.
Never: changes a file.
"""
import re
import shutil
import subprocess

import common


def find_tool():
    for name in ("clang-format-14", "clang-format"):
        tool = shutil.which(name)
        if tool:
            version = subprocess.run([tool, "--version"], capture_output=True, check=False, text=True)
            if re.search(r"version 14\.", version.stdout):
                return tool
    return None


def main():
    tool = find_tool()
    if not tool:
        common.skip("clang-format 14 is not installed")
    paths = [str(path) for path in common.files("*.h", "*.cpp")]
    done = subprocess.run([tool, "--dry-run", "-Werror", *paths], cwd=common.ROOT, check=False,
                          capture_output=True, text=True, errors="replace")
    wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line})
    if done.returncode != 0 and not wrong:
        wrong = [done.stderr]
    common.report({"files": len(paths)}, [f"{path}: clang-format -i" for path in wrong])


main()
