#!/usr/bin/env python3
"""README's line of plain CMake builds the two programs, without tests and without a warning.

In:    README.md; a folder in which earlier builds may stay.
Out:   what failed or was warned of; the seconds that it took.
Never: fails for being slow.
"""
import re
import subprocess
import sys
import time

import common


def main(folder):
    lines = re.findall(r"^(cmake -S \. -B build && \S.*?)\s*(?:#.*)?$", common.text("README.md"), re.MULTILINE)
    if len(lines) != 1:
        common.report({"programs": 0}, [f"README.md: {len(lines)} lines of plain CMake where 1 was expected"])
    line = re.sub(r"(-B|--build) build\b", rf"\1 '{folder}'", lines[0])
    begin = time.monotonic()
    done = subprocess.run(["bash", "-c", line], cwd=common.ROOT, capture_output=True, text=True, errors="replace")
    output = done.stdout + done.stderr
    print(f"'{line}' took {time.monotonic() - begin:.0f} s")
    problems = [text for text in output.splitlines() if "warning:" in text or "error:" in text]
    if done.returncode != 0:
        problems.append(f"exit code {done.returncode}: {output[-2000:]}")
    for program in ("sockwitness", "sockwitness-recorder"):
        shown = subprocess.run([f"{folder}/bin/{program}", "--version"], capture_output=True, text=True, check=False)
        if shown.returncode != 0:
            problems.append(f"'{program} --version': exit code {shown.returncode}: {shown.stderr}")
    common.report({"programs": 2}, problems)


if __name__ == "__main__":
    main(sys.argv[1])
