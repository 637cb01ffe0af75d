#!/usr/bin/env python3
"""Scripts can be run; those of the shell are strict and clean under shellcheck.

In:    every script of the project.
Out:   what shellcheck says, scripts without `set -euo pipefail`, and those that nobody may execute.
Never: executes one of them.
"""
import os
import shutil
import subprocess

import common


def main():
    scripts = [path for path in common.files()
               if common.text(path).startswith(("#!/usr/bin/env bash", "#!/bin/sh", "#!/bin/bash"))]
    begun = [path for path in common.files() if common.text(path).startswith("#!")]
    problems = [f"{path}: not executable" for path in begun if not os.access(common.ROOT / path, os.X_OK)]
    for path in scripts:
        content = common.text(path)
        strict = "set -eu" if content.startswith("#!/bin/sh") else "set -euo pipefail"
        if strict not in content:
            problems.append(f"{path}: no `{strict}`")
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", "--format=gcc", *map(str, scripts)], cwd=common.ROOT,
                              check=False, capture_output=True, text=True)
        problems += done.stdout.splitlines()
    else:
        print("shellcheck is not installed: only looked for strict mode")
    common.report({"scripts": len(begun), "of the shell": len(scripts)}, problems)


main()
