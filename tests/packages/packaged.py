"""What the tests of this folder share: the build, its programs and pages, and what the help texts say.

In:    the folder of the programs and that of the build, as arguments.
Out:   commands and options as a reader of --help sees them: no other way into the table of options.
Never: looks at this host, or changes it.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "live"))

import witness  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[2]).resolve()
PAGES = BUILD / "pages"
SECTIONS = {"sockwitness": "1", "sockwitness-recorder": "8"}
OPTION = re.compile(r"^  (-[^ ]+)(?: ([A-Z]+))?(?: |$)")


def parse_help(text):
    """Options as {"--name": "VALUE" or ""} with every name, and the names of commands."""
    options, commands, part = {}, [], ""
    for line in text.splitlines():
        if not line.startswith(" "):
            part = line
        elif part == "Options:" and (found := OPTION.match(line)):
            for name in found[1].split(","):
                options[name] = found[2] or ""
        elif part == "Subcommands:" and (found := re.match(r"  ([a-z-]+)", line)):
            commands.append(found[1])
    return options, commands


def walk(program, words=()):
    """(words, options, commands) of a program and of all its commands."""
    done = witness.run(witness.BIN / program, *words, "--help")
    options, commands = parse_help(done.stdout.decode())
    if done.returncode != 0 or "--help" not in options:
        raise RuntimeError(f"{program} {words}: {done.stdout}{done.stderr}")
    yield words, options, commands
    for command in commands:
        yield from walk(program, (*words, command))
