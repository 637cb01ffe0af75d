#!/usr/bin/env python3
"""Text is plain: final newline, no trailing blanks, no tabs, LF, nothing invisible.

In:    every text file of the project. Fixtures, corpora and golden files keep their bytes.
Out:   file, line and what is wrong with it.
Never: looks into binary files.
"""
import re

import common

BYTES_MATTER = ("tests/fixtures/", "tests/fuzz/corpus/", "tests/golden/")
TABS_ALLOWED = ("Makefile", ".mk", ".csv", ".tsv")
# Control characters, bidi marks, joiners, byte order mark, no-break space, line separators.
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e"
                       "\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
# Written so that it does not find itself.
MACHINE_PATH = re.compile(r"/wor[k]/[a-z.]|/tmp/(?:buil[d]|b[r]ief)\b|/root/\.(?:pyen[v]|cach[e])")
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b")


def main():
    problems = []
    looked = 0
    for path in common.files():
        name = str(path)
        raw = (common.ROOT / path).read_bytes()
        if name.startswith(BYTES_MATTER) and path.suffix not in (".cpp", ".sh", ".py", ".txt"):
            continue
        if b"\0" in raw[:8000]:
            continue
        looked += 1
        try:
            content = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            problems.append(f"{name}: not UTF-8 at byte {error.start}")
            continue
        if content and not content.endswith("\n"):
            problems.append(f"{name}: no newline at the end")
        if content.endswith("\n\n"):
            problems.append(f"{name}: empty lines at the end")
        for number, line in enumerate(content.split("\n"), 1):
            for wrong, why in (
                    (line.endswith((" ", "\t")), "blank at the end"),
                    ("\r" in line, "carriage return"),
                    ("\t" in line and not name.endswith(TABS_ALLOWED), "tab"),
                    (INVISIBLE.search(line.replace("\r", "")), "invisible character"),
                    (MACHINE_PATH.search(line), "path of one machine"),
                    (UNFINISHED.search(line), "unfinished")):
                if wrong:
                    problems.append(f"{name}:{number}: {why}")
    common.report({"files": looked}, problems)


main()
