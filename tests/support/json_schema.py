"""The published schemas, and a reader of them that is stricter than the standard.

In:    a folder of schemas, answers of the programs.
Out:   what does not fit. With `strict` also members that no schema names, and words that no schema lists: shapes may
       grow, but not without their schemas.
Never: fetches anything; ignores a keyword that it does not know.
"""
import base64
import binascii
import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "schema" / "json"
COMMON = "common.json"
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
REMARKS = {"$schema", "$id", "$defs", "title", "description", "format", "contentEncoding"}
KEYWORDS = REMARKS | {"$ref", "type", "const", "enum", "examples", "properties", "patternProperties", "required", "items",
                      "additionalProperties", "allOf", "anyOf", "if", "then", "else", "minimum", "maximum", "pattern"}


def is_type(value, name):
    if name in ("integer", "number"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (name == "number" and isinstance(value, float))
    return isinstance(value, TYPES[name])


def same(one, other):
    return type(one) is type(other) and one == other


class Schemas:
    def __init__(self, folder=FOLDER):
        self.files = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
        self.used = set()   # files that an answer was read with
        self.seen = set()   # members that an answer had, as (number of the schema that names it, name)

    @staticmethod
    def file_of(word):
        name, _, version = word.removeprefix("sockwitness.").partition("/")
        return f"{name}.{version}.json"

    def find(self, reference, file):
        """What a reference in a file leads to, and the file that it is in."""
        name, _, pointer = reference.partition("#")
        file = name or file
        schema = self.files[file]
        for part in pointer.strip("/").split("/") if pointer else []:
            schema = schema[part]
        return schema, file

    def problems(self, value, word, strict=True):
        """What is wrong with an answer of the format `word`; nothing: it fits."""
        file = self.file_of(word)
        if file not in self.files:
            return [f"no schema for {word}"]
        self.used.add(file)
        found = []
        self._place(value, self.files[file], file, "", found, strict)
        return found

    def _fits(self, value, schema, file):
        found = []
        self._check(value, schema, file, "", found, False)
        return not found

    def _place(self, value, schema, file, place, found, strict):
        """All that is said of one place of an answer: only together do schemas name its members."""
        named = self._check(value, schema, file, place, found, strict)
        if strict and isinstance(value, dict):
            for name in value:
                if name not in named:
                    found.append(f"{place}/{name}: no schema names it")
                if (name.endswith("_b64") and name.removesuffix("_b64") not in value
                        and name not in schema_names(self, schema, file)):
                    found.append(f"{place}/{name}: nothing beside it")

    def _check(self, value, schema, file, place, found, strict):
        """Adds what does not fit to `found`; the names of members that the schema knows."""
        unknown = set(schema) - KEYWORDS
        assert not unknown, f"{file}: keywords that are not known here: {unknown}"
        before = len(found)
        named = set()
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(is_type(value, name) for name in types):
            found.append(f"{place}: {json.dumps(value)[:80]} is no {' or '.join(types)}")
        if "const" in schema and not same(value, schema["const"]):
            found.append(f"{place}: {json.dumps(value)[:80]} is not {schema['const']!r}")
        if "enum" in schema and not any(same(value, each) for each in schema["enum"]):
            found.append(f"{place}: {json.dumps(value)[:80]} is none of {schema['enum']}")
        if isinstance(value, str):
            if "pattern" in schema and not re.search(schema["pattern"], value):
                found.append(f"{place}: {value[:80]!r} is not like {schema['pattern']}")
            if strict and value not in schema.get("examples", [value]):
                found.append(f"{place}: the schema does not list the word {value!r}")
            if strict and schema.get("contentEncoding") == "base64":
                try:
                    base64.b64decode(value, validate=True)
                except binascii.Error as error:
                    found.append(f"{place}: {error}")
        elif isinstance(value, int) and not isinstance(value, bool):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                found.append(f"{place}: {value} is out of range")
        if isinstance(value, list) and "items" in schema:
            for number, item in enumerate(value):
                self._place(item, schema["items"], file, f"{place}/{number}", found, strict)
        if isinstance(value, dict) and len(found) == before:
            named |= self._members(value, schema, file, place, found, strict)
        return named | self._applicators(value, schema, file, place, found, strict)

    def _members(self, value, schema, file, place, found, strict):
        named = set()
        found += [f"{place}: has no {name}" for name in schema.get("required", []) if name not in value]
        others = schema.get("additionalProperties")
        for name, inner in value.items():
            known = [schema["properties"][name]] if name in schema.get("properties", {}) else []
            if not known:
                known = [each for pattern, each in schema.get("patternProperties", {}).items() if re.search(pattern, name)]
            elif strict:
                self.seen.add((id(schema), name))
            if not known and others is not None:
                known = [others]
            for each in known:
                named.add(name)
                self._place(inner, each, file, f"{place}/{name}", found, strict)
        return named

    def _applicators(self, value, schema, file, place, found, strict):
        named = set()
        if "$ref" in schema:
            named |= self._check(value, *self.find(schema["$ref"], file), place, found, strict)
        for each in schema.get("allOf", []):
            named |= self._check(value, each, file, place, found, strict)
        if "anyOf" in schema:
            fitting = [each for each in schema["anyOf"] if self._fits(value, each, file)]
            # Where none fits, the first that is not null says why.
            for each in fitting or schema["anyOf"][:1]:
                named |= self._check(value, each, file, place, found, strict)
        if "if" in schema:
            branch = "then" if self._fits(value, schema["if"], file) else "else"
            named |= self._check(value, schema.get(branch, {}), file, place, found, strict)
        return named

    def unseen(self):
        """Members that no answer had so far, as file, place and name."""
        return [f"{file}#{place}: {name}" for file, place, schema in self.objects() for name in schema["properties"]
                if (id(schema), name) not in self.seen]

    def objects(self):
        """Every schema with members, and the file and place of each."""
        def walk(schema, file, place):
            if "properties" in schema:
                yield file, place, schema
            for key in ("properties", "patternProperties", "$defs"):
                for name, inner in schema.get(key, {}).items():
                    yield from walk(inner, file, f"{place}/{key}/{name}")
            for key in ("allOf", "anyOf"):
                for number, inner in enumerate(schema.get(key, [])):
                    yield from walk(inner, file, f"{place}/{key}/{number}")
            for key in ("items", "if", "then", "else", "additionalProperties"):
                if key in schema:
                    yield from walk(schema[key], file, f"{place}/{key}")
        for file, schema in self.files.items():
            yield from walk(schema, file, "")


def schema_names(schemas, schema, file):
    """Names that stand in a schema or in what it refers to."""
    names = set(schema.get("properties", {}))
    inner = [(each, file) for key in ("allOf", "anyOf") for each in schema.get(key, [])]
    inner += [(schema[key], file) for key in ("then", "else") if key in schema]
    if "$ref" in schema:
        inner.append(schemas.find(schema["$ref"], file))
    for each, where in inner:
        names |= schema_names(schemas, each, where)
    return names


def parse(text):
    """One answer; a key that stands twice is none."""
    def unique(pairs):
        keys = [key for key, _ in pairs]
        if len(keys) != len(set(keys)):
            raise ValueError(f"a key stands twice: {sorted(keys)}")
        return dict(pairs)
    return json.loads(text, object_pairs_hook=unique)


def word_of(value):
    """The format of an answer; lines of an export name it in their first line only."""
    return value.get("format", "sockwitness.export/1") if "type" in value else value["format"]
