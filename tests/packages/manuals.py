#!/usr/bin/env python3
"""Every option of --help is in the manual page, and the other way round; the pages are sound.

In:    the pages of the build, those of query/manual; man and mandoc as two readers of roff.
Out:   options and commands that only one of them has, and what the readers object to.
Never: asks the table of options: it reads what people read.
"""
import re

import packaged
import witness
from packaged import PAGES, SECTIONS, SOURCE

FORMATS = sorted((SOURCE / "query/manual").glob("*.5"))


def render(page):
    """The page as text, without bold and underlined letters."""
    done = witness.run("mandoc", "-T", "utf8", page)
    return re.sub(".\b", "", done.stdout.decode())


def section(text, title):
    found = re.search(rf"^{title}\n(.*?)(?=^[A-Z]|\Z)", text, re.M | re.S)
    return found[1] if found else ""


def options_of(text):
    """{"--name": "VALUE" or ""} of what stands at the first indent of OPTIONS."""
    options = {}
    for line in section(text, "OPTIONS").splitlines():
        found = re.match(r"     ? ? (-[^ ,]+(?:, -[^ ,]+)*)(?: ([A-Z]+)\b)?", line)
        if found and not line.startswith("         "):
            for name in found[1].split(", "):
                options[name] = found[2] or ""
    return options


def check_options(report):
    for program, number in SECTIONS.items():
        made = set()
        for words, options, commands in packaged.walk(program):
            name = "-".join((program, *words))
            page = PAGES / program / "man" / f"{name}.{number}"
            made.add(page.name)
            if not report.check(page.is_file(), "a page for each command", page):
                continue
            text = render(page)
            report.equal(options_of(text), options, "the options of the help", name)
            listed = re.findall(r"^     ? ? ([a-z-]+)(?: |$)", section(text, "COMMANDS"), re.M)
            report.equal(listed, commands, "the commands of the help", name)
            report.check(name in section(text, "NAME"), "its name", text[:200])
        found = {path.name for path in (PAGES / program / "man").iterdir()}
        report.equal(found, made, "no page without a command", program)


def check_sound(report):
    pages = [path for program in SECTIONS for path in sorted((PAGES / program / "man").iterdir())] + FORMATS
    report.check(len(pages) > 20 and len(FORMATS) >= 3, "pages there are", pages)
    for page in pages:
        done = witness.run("mandoc", "-T", "lint", "-W", "warning", page)
        report.equal((done.returncode, done.stdout), (0, b""), "mandoc -T lint", page.name)
        done = witness.run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page,
                           env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
        report.equal((done.returncode, done.stderr), (0, b""), "man --warnings", page.name)
        text = render(page)
        for other, number in re.findall(r"\b(sockwitness[a-z-]*)\((\d)\)", text.replace("\u2010", "-")):
            report.check(any(path.name == f"{other}.{number}" for path in pages), "pages that it names", f"{page.name}: {other}")


def check_notices(report):
    """That an option which one of the two lacks would be seen."""
    options, _ = packaged.parse_help("Options:\n  -h,--help      x\n  --at T Excludes: --since\n        y\n\nSubcommands:\n")
    report.equal(options, {"-h": "", "--help": "", "--at": "T"}, "a help text is understood")
    text = "OPTIONS\n     -h, --help\n             x\n\n     --at T  y --no\n\nNOTES\n     --else\n"
    report.equal(options_of(text), {"-h": "", "--help": "", "--at": "T"}, "a page is understood")


witness.require("mandoc", "man")
witness.main(check_notices, check_options, check_sound)
