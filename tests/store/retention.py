"""What the tests of prune and of thinning ask in the same way."""
import json

from programs import QUERY, RECORDER, check, run


def prune(database, *words, code=0):
    result = run(RECORDER, "prune", *words, "--db", database)
    check(result.returncode == code, f"prune {words}: {result}")
    return result.stdout.decode(), result.stderr.decode()


def answer(database, *words):
    result = run(QUERY, *words, "--format", "json", "--db", database)
    check(result.stdout, f"{words}: {result.stderr}")
    return json.loads(result.stdout)
