#!/usr/bin/env python3
"""The published schemas say what the programs write: no word, no member and no format is without one.

In:    the folder of accepted answers; schema/json; the sources, for the words that the programs can write.
Out:   answers that do not fit, formats without a schema and schemas without a format, lists of words that differ,
       mutilated answers that fit all the same. Read by a second reader, too: Debian's python3-jsonschema.
Never: passes a schema that would take anything.
"""
import copy
import json
import pathlib
import re
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import json_schema  # noqa: E402

try:
    import jsonschema
except ImportError:  # a python that is not Debian's
    sys.path.append("/usr/lib/python3/dist-packages")
    import jsonschema

FORMAT = re.compile(r'"(sockwitness\.[a-z_-]+/[0-9]+)"')
# The lists of words in the sources, and where the schemas list the same.
WORDS = [
    ("schema/model/words.cpp", r"kProtocols =(.*?);", "protocol"),
    ("schema/model/words.cpp", r"kFamilies =(.*?);", "family"),
    ("schema/model/words.cpp", r"kStates =(.*?);", "state"),
    ("schema/model/words.cpp", r"kReasons =(.*?);", "no_holder_reason"),
    ("schema/model/words.cpp", r"kFileStates =(.*?);", "file_state"),
    ("schema/model/words.cpp", r"kVerdicts =(.*?);", "package_state"),
    ("schema/model/words.cpp", r"kContainerEngines =(.*?);", "container_engine"),
    ("schema/model/words.cpp", r"kGapSources =(.*?);", "gap_source"),
    ("schema/model/words.cpp", r"kGapReasons =(.*?);", "gap_reason"),
    ("schema/model/words.cpp", r"kMissedKinds =(.*?);", "missed_kind"),
    ("schema/model/words.cpp", r"Part part\) \{(.*?);", "process_part"),
    ("query/analysis/change_kind.cpp", r"kKindWords(.*?);", "change_kind"),
    ("query/analysis/findings/severity.cpp", r"kWords(.*?);", "severity"),
    ("query/analysis/account.cpp", r"account_status_word\(AccountStatus status\) \{(.*?)\n\}", "account_status"),
    ("query/analysis/history/chronicle.cpp", r"gap_cause_word\(GapCause cause\) \{(.*?)\n\}", "gap_cause"),
]
# "unknown" is what words.cpp says of a number that has no word.
NO_WORD = {"", "unknown"}
# Members whose names say what they are.
CLEAR = {"port", "local_port", "remote_port", "local_last_port", "remote_last_port", "begin", "end"}
# What no member is.
WRONG = 0.5
counts = {"answers": 0, "formats": 0, "words": 0, "refused": 0}


def fail(text):
    sys.exit(f"FAILED: {text}")


def answers(folder):
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.suffix in (".json", ".webhook"):
            yield path.name, json_schema.parse(path.read_text(encoding="utf-8"))
        elif path.suffix in (".jsonl", ".lines"):
            for line in path.read_text(encoding="utf-8").splitlines():
                yield path.name, json_schema.parse(line)


def second_reader(schemas):
    """Validators of another hand, one a file; the way to hand it all files changed with its version 4.18."""
    try:
        import referencing
        from referencing.jsonschema import DRAFT202012
        registry = referencing.Registry().with_resources(
            [(name, DRAFT202012.create_resource(content)) for name, content in schemas.files.items()])
        more = {"registry": registry}
    except ImportError:
        more = {"resolver": jsonschema.RefResolver("", {}, store=dict(schemas.files))}
    return {name: jsonschema.Draft202012Validator(content, **more) for name, content in schemas.files.items()}


def check_schemas(schemas):
    """Each is valid by the metaschema, its references lead somewhere, its members say what they are."""
    for name, content in schemas.files.items():
        jsonschema.Draft202012Validator.check_schema(content)
        if content["$id"] != name or not content.get("description"):
            fail(f"{name}: no $id, or no description")
        if name != json_schema.COMMON:
            word = content["title"]
            if schemas.file_of(word) != name:
                fail(f"{name}: it is the schema of {word}")
    for file, place, schema in schemas.objects():
        names = json_schema.schema_names(schemas, schema, file)
        for name in schema.get("required", []):
            if name not in names:
                fail(f"{file}#{place}: requires {name}, which it does not describe")
        for name, inner in schema["properties"].items():
            describes = inner if "$ref" not in inner else {**schemas.find(inner["$ref"], file)[0], **inner}
            itself = name in CLEAR or "const" in inner or "anyOf" in inner or place.endswith(("/if", "/summary"))
            if not describes.get("description") and not itself:
                fail(f"{file}#{place}: {name} has no description")


def check_formats(schemas):
    written = set()
    for folder in ("query", "recorder", "schema"):
        for path in [*(ROOT / folder).rglob("*.cpp"), *(ROOT / folder).rglob("*.h")]:
            written |= set(FORMAT.findall(path.read_text(encoding="utf-8")))
    described = {content["title"] for name, content in schemas.files.items() if name != json_schema.COMMON}
    if written != described or not written:
        fail(f"written, but without a schema: {sorted(written - described)}; "
             f"described, but never written: {sorted(described - written)}")
    counts["formats"] = len(written)


def check_words(schemas):
    for source, pattern, name in WORDS:
        found = re.search(pattern, (ROOT / source).read_text(encoding="utf-8"), re.DOTALL)
        words = set(re.findall(r'"([^"]*)"', found.group(1))) if found else fail(f"{source}: no {pattern}")
        schema = schemas.files[json_schema.COMMON]["$defs"][name]
        listed = set(schema.get("enum", schema.get("examples")))
        if words - NO_WORD != listed - NO_WORD:
            fail(f"{source} has the words {sorted(words)}, {json_schema.COMMON} lists {sorted(listed)} as {name}")
        counts["words"] += len(words)


def places(value, path=()):
    """Every member of an answer and of the first row of each list in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from places(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def shortened(value):
    """The same with one row in each list, which is soon read a thousand times."""
    if isinstance(value, dict):
        return {name: shortened(inner) for name, inner in value.items()}
    return [shortened(inner) for inner in value[:1]] if isinstance(value, list) else value


def changed(value, path, change):
    value = copy.deepcopy(value)
    parent = value
    for step in path[:-1]:
        parent = parent[step]
    change(parent, path[-1])
    return value


def refuse(problems, what):
    if not problems:
        fail(f"{what} fits")
    counts["refused"] += 1


def check_refusals(schemas, name, value):
    """One change at a time, and it does not fit any more."""
    word = json_schema.word_of(value)
    value = shortened(value)
    for path in places(value):
        mutilated = changed(value, path, lambda parent, key: parent.update({key: WRONG}))
        refuse(schemas.problems(mutilated, word, strict=False), f"{name}: {'/'.join(map(str, path))} of a wrong type")
    for key in schemas.files[schemas.file_of(word)].get("required", []):
        if key != "format":
            mutilated = changed(value, (key,), lambda parent, key: parent.pop(key))
            refuse(schemas.problems(mutilated, word, strict=False), f"{name} without {key}")
    more = {**value, "a_member_of_later": 1}
    refuse(schemas.problems(more, word), f"{name} with a member that no schema names")
    if schemas.problems(more, word, strict=False):
        fail(f"{name}: a member of later versions does not fit, not even for others")


def main(folder):
    schemas = json_schema.Schemas()
    check_schemas(schemas)
    check_formats(schemas)
    check_words(schemas)
    others = second_reader(schemas)
    tried = set()
    for name, value in answers(folder):
        word = json_schema.word_of(value)
        problems = schemas.problems(value, word)
        if problems:
            fail(f"{name} is not what {schemas.file_of(word)} says: " + "; ".join(problems[:5]))
        for error in others[schemas.file_of(word)].iter_errors(value):
            fail(f"{name}, to {jsonschema.__name__}: {json.dumps(list(error.absolute_path))}: {error.message[:200]}")
        counts["answers"] += 1
        if word not in tried:
            tried.add(word)
            check_refusals(schemas, name, value)
    if not all(counts.values()):
        fail(f"nothing was looked at: {counts}")
    print(", ".join(f"{number} {what}" for what, number in counts.items()), f"by {len(schemas.used)} schemas")


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    main(sys.argv[1])
