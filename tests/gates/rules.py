#!/usr/bin/env python3
"""Rules, their tables and their tests belong together.

In:    query/rules: builtin/*.toml, sql/tables.sql, functions.cpp, TABLES.md, README.md; tests/unit/query/rules.
Out:   a table, column or function that is not described, or described and not there; a rule whose id
       is not its file's name, that tells nothing benign, that no test is named after, or that
       README.md does not name as it is.
Never: runs a rule.
"""
import re

import common
import format_doc

FOLDER = common.ROOT / "query/rules"


def own_functions():
    source = (FOLDER / "functions.cpp").read_text(encoding="utf-8")
    return set(re.findall(r'^\s*\{"(\w+)", \d, ', source, re.MULTILINE))


def documented_functions(text):
    section = text.split("\n## Functions\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)\(", section, re.MULTILINE))


def value_of(text, key):
    found = re.search(rf'^{key} = (.*)$', text, re.MULTILINE)
    return found[1] if found else ""


def gravest(content):
    """The gravest severity that a rule can give: its own, or one that its SQL names."""
    order = ["info", "low", "medium", "high", "critical"]
    words = [value_of(content, "severity").strip('"')] + re.findall(r"'(\w+)(?:: [^']*)?'", content)
    return max((word for word in words if word in order), key=order.index)


def check_readme(rules):
    text = common.text(FOLDER.relative_to(common.ROOT) / "README.md")
    rows = re.findall(r"^\| .* \| `([a-z0-9-]+)` \|(?: (\w+) \|)?$", text, re.MULTILINE)
    told = dict(rows)
    known = {path.stem: gravest(common.text(path)) for path in rules}
    problems = [f"query/rules/README.md: `{name}` is no rule" for name in
                set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", text)) - known.keys()]
    problems += [f"query/rules/README.md: rule `{name}` is not in a table" for name in known.keys() - told.keys()]
    problems += [f"query/rules/README.md: `{name}` is {word or 'low'} and can be {known[name]}"
                 for name, word in rows if name in known and word != known[name] and
                 (word or known[name] not in ("low", "info"))]
    return problems


def main():
    text = (FOLDER / "TABLES.md").read_text(encoding="utf-8")
    real = format_doc.tables_of((FOLDER / "sql/tables.sql").read_text(encoding="utf-8"))
    told = format_doc.documented(text)
    problems = format_doc.compare("query/rules/TABLES.md", real, told)
    problems += [f"query/rules/TABLES.md: function `{name}` is described or there, not both"
                 for name in sorted(own_functions() ^ documented_functions(text))]

    tests = "\n".join(common.text(path) for path in common.files("tests/unit/query/rules/*.cpp"))
    rules = common.files("query/rules/builtin/*.toml")
    for path in rules:
        content = common.text(path)
        if value_of(content, "id") != f'"{path.stem}"':
            problems.append(f"{path}: its id is not its name")
        if value_of(content, "benign") in ("", "[]"):
            problems.append(f"{path}: it does not say what else it may be")
        if not re.search(rf'TEST_CASE\("{path.stem}[":]', tests):
            problems.append(f"{path}: no TEST_CASE(\"{path.stem}…\") in tests/unit/query/rules")
    problems += check_readme(rules)
    common.report({"tables": len(real), "columns": sum(map(len, real.values())),
                   "functions": len(own_functions()), "rules": len(rules)}, problems)


main()
