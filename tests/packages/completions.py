#!/usr/bin/env python3
"""bash, zsh and fish complete commands, options, words, times, rules and baselines as the help texts have them.

In:    the completions of the build, the programs on the path, a database with one baseline; the three shells.
Out:   what a shell offers for the beginning of a line, against --help, rules and baseline list.
Never: takes an empty offer for a right one: each line has words that must be in it, and words that must not.
"""
import os
import pty
import re
import select
import shlex
import subprocess
import time

import packaged
import witness
from packaged import PAGES, SECTIONS

DATABASE = witness.database("completed")
ENVIRONMENT = {"PATH": f"{witness.BIN}:/usr/bin:/bin", "HOME": str(witness.DIRECTORY), "LC_ALL": "C.UTF-8",
               "TERM": "dumb", "TZ": "UTC"}


def lines():
    """(typed line, words that must be offered, words that must not)."""
    yield "sockwitness ", ["show", "diff", "timeline"], ["--db", "add"]
    yield "sockwitness di", ["diff"], ["show"]
    yield "sockwitness rules ", ["show"], ["diff"]
    yield "sockwitness rules show ad-hoc", ["ad-hoc-server"], ["altered-program", "id"]
    yield "sockwitness show --layout ", ["wide", "netstat", "ss"], ["json"]
    yield "sockwitness check --severity ", ["info", "critical"], ["counts"]
    yield "sockwitness show --at ", ["yesterday", "now"], ["--layout"]
    yield f"sockwitness --db {DATABASE} diff --baseline ", ["gold"], ["gone", "no"]
    yield "sockwitness-recorder ", ["snapshot", "baseline"], ["show"]
    yield "sockwitness-recorder baseline ", ["add", "accept"], ["snapshot"]
    yield f"sockwitness-recorder --db {DATABASE} baseline drop ", ["gold"], ["no"]
    for program in SECTIONS:
        for words, options, _ in packaged.walk(program):
            names = [name for name in options if name.startswith("--")]
            yield f"{' '.join((program, *words))} --", names, ["--nonsense"]


BASH = r'''
. "$1"
program=${2%% *}
read -ra COMP_WORDS <<<"$2"
[[ $2 != *" " ]] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"_${program//-/_}" 2>&1
printf '%s\n' "${COMPREPLY[@]}"
'''


def ask_bash(line):
    program = line.split()[0]
    done = witness.run("bash", "-c", BASH, "bash", PAGES / program / "bash" / program, line, env=ENVIRONMENT)
    return done.stdout.decode().split()


def ask_fish(line):
    program = line.split()[0]
    script = PAGES / program / "fish" / f"{program}.fish"
    done = witness.run("fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', script, line, env=ENVIRONMENT)
    return [word.split("\t")[0] for word in done.stdout.decode().splitlines()]


class Zsh:
    """A shell on a terminal: its completion works nowhere else."""

    SETUP = ("PROMPT='%% '; unsetopt beep; autoload -Uz compinit; fpath=({folders} $fpath); compinit -u -D; "
             "zstyle ':completion:*' list-separator '#'; LISTMAX=100000; "
             "ask() {{ zle list-choices; zle -R; zle -I; print 'lis''ted'; BUFFER= }}; zle -N ask; bindkey '^I' ask; "
             "setopt no_always_last_prompt; stty cols 200 rows 1000\n")

    def __init__(self):
        folders = shlex.join(str(PAGES / program / "zsh") for program in SECTIONS)
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(["zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave, env=ENVIRONMENT,
                                        start_new_session=True)
        os.close(slave)
        witness.at_end(self.process.wait)
        witness.at_end(self.process.kill)
        self.type(self.SETUP.format(folders=folders))
        self.type("echo rea''dy\n")
        self.read("ready\r\n")

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self, until):
        text, limit = "", time.monotonic() + witness.PATIENCE
        while until not in text:
            if time.monotonic() > limit:
                raise RuntimeError(f"zsh does not say {until!r}: {text!r}")
            if select.select([self.master], [], [], 1)[0]:
                text += os.read(self.master, 65536).decode(errors="replace")
        return text

    def ask(self, line):
        """What is listed below the line, which is then taken away; an only choice is listed as well."""
        self.type(f"{line}\t")  # what is typed ahead would keep it from listing
        text = self.read("listed\r\n")
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        words = []
        for listed in text.split("\r\n")[1:]:
            words += re.sub(r" +# .*", "", listed).split()
        return words


def check_lines(report):
    shells = {"bash": ask_bash, "fish": ask_fish, "zsh": Zsh().ask}
    asked = list(lines())
    report.check(len(asked) > 25, "lines there are", len(asked))
    for shell, ask in shells.items():
        for line, offered, others in asked:
            words = ask(line)
            lacking = [word for word in offered if word not in words]
            report.check(not lacking, f"{shell} offers", f"'{line}' lacks {lacking}: {words[:80]}")
            wrong = [word for word in others if word in words]
            report.check(not wrong, f"{shell} offers no more", f"'{line}' has {wrong}")


def check_sound(report):
    for program in SECTIONS:
        done = witness.run("bash", "-n", PAGES / program / "bash" / program)
        report.equal((done.returncode, done.stderr), (0, b""), "bash -n")
        done = witness.run("shellcheck", PAGES / program / "bash" / program)
        report.equal((done.returncode, done.stdout), (0, b""), "shellcheck")
        done = witness.run("zsh", "-n", PAGES / program / "zsh" / f"_{program}")
        report.equal((done.returncode, done.stderr), (0, b""), "zsh -n")
        done = witness.run("fish", "-n", PAGES / program / "fish" / f"{program}.fish")
        report.equal((done.returncode, done.stderr), (0, b""), "fish -n")


def prepare():
    witness.succeed(witness.run(witness.RECORDER, "snapshot", "--db", DATABASE))
    witness.succeed(witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", DATABASE))


witness.require("bash", "zsh", "fish", "shellcheck")
prepare()
witness.main(check_sound, check_lines)
