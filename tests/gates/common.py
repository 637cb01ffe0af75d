"""What all gates share: the files of the project, and how a gate reports.

In:    the repository that this file lies in.
Out:   paths relative to its root; exit 0, or 1 with one line per problem.
Never: passes without having looked at anything.
"""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77


def git(*words):
    """Its answer about this repository, whatever one the caller works in: a hook sets GIT_DIR."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", "-C", ROOT, "-c", f"safe.directory={ROOT}", *words], capture_output=True,
                          check=True, env=environment)
    return os.fsdecode(done.stdout)


def files(*patterns):
    """Files that are the project's own, as relative paths: what git tracks or would track."""
    try:
        # A repository that the archive was unpacked into tells nothing about it.
        if os.path.realpath(git("rev-parse", "--show-toplevel").removesuffix("\n")) != str(ROOT):
            raise OSError("another repository")
        listing = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        paths = [pathlib.Path(name) for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        # An unpacked archive: everything but what builds leave behind.
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        paths = [path for path in paths if path.parts[0] not in (".git", ".cache")
                 and not path.parts[0].startswith("build") and "__pycache__" not in path.parts]
    paths = [path for path in paths if (ROOT / path).is_file()]
    if patterns:
        paths = [path for path in paths if any(path.match(pattern) for pattern in patterns)]
    return sorted(paths)


def text(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="surrogateescape")


def report(counted, problems, warnings=()):
    """Ends the gate. `counted`: what was looked at, as {"files": 12}."""
    for line in warnings:
        print(f"warning: {line}")
    for line in problems:
        print(line)
    print(", ".join(f"{number} {what}" for what, number in counted.items()) +
          f": {len(problems)} problems")
    if not all(counted.values()):
        print("nothing was looked at: this gate would not notice anything")
        sys.exit(1)
    sys.exit(1 if problems else 0)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)
