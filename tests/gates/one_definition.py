#!/usr/bin/env python3
"""A type or a function is defined once in its namespace: two of one name are undefined behaviour, told by no compiler.

In:    every .h and .cpp; what lies in an anonymous namespace or is static belongs to its file alone.
Out:   names that two places define, types whatever their members, functions by the types of their parameters.
Never: trusts itself: before it looks at the tree, it must find planted pairs.
"""
import collections
import re

import common

# One of each program; programs are not linked to each other. And what Catch2 makes a name of its own of.
OF_EACH_PROGRAM = {"main", "LLVMFuzzerTestOneInput"}
MACROS = {"TEST_CASE", "TEST_CASE_METHOD"}
TOKEN = re.compile(r"""
    //[^\n]* | /\*.*?\*/                                      # comments
  | ^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*                            # preprocessor lines
  | (?:u8|[uUL])?R"([^()\s\\]*)\(.*?\)\1"                     # raw strings
  | (?:u8|[uUL])?"(?:[^"\\\n]|\\.)*" | [0-9][\w.']* | '(?:[^'\\\n]|\\.)+'
  | (?P<token> [A-Za-z_]\w* | :: | -> | \[\[ | \]\] | . )""", re.VERBOSE | re.DOTALL | re.MULTILINE)
TYPE_WORDS = {"class", "struct", "union", "enum"}
CLOSES = {"(": ")", "{": "}", "[": "]", "[[": "]]"}
WORD = re.compile(r"[A-Za-z_]\w*$")


def tokens_of(text):
    """Pairs (token, line); literals are the token \"\"."""
    found = []
    for match in TOKEN.finditer(text):
        token = match.group("token")
        if token is not None and token.isspace():
            continue
        if token is None:
            if match.group()[:2] in ("//", "/*") or match.group().lstrip().startswith("#"):
                continue
            token = '""'
        found.append((token, text.count("\n", 0, match.start()) + 1 if token == "{" else 0))
    return found


class Scanner:
    """Finds the definitions at namespace scope of one file."""

    def __init__(self, text):
        self.tokens = tokens_of(text)
        self.at = 0
        self.found = []  # (kind, qualified name, line)
        self.scan(())

    def peek(self, ahead=0):
        place = self.at + ahead
        return self.tokens[place][0] if place < len(self.tokens) else ""

    def skip_group(self):
        """From an opening bracket behind its closing one."""
        opening = self.peek()
        closing = CLOSES[opening]
        depth = 0
        while self.at < len(self.tokens):
            token = self.peek()
            self.at += 1
            depth += (token == opening) - (token == closing)
            if depth == 0:
                return
        raise ValueError(f"no end of '{opening}'")

    def scan(self, scope):
        """Up to the closing brace of the scope; None as scope: of an anonymous namespace."""
        while self.at < len(self.tokens):
            token = self.peek()
            if token == "}":
                return
            if token == ";":
                self.at += 1
            elif token == "namespace" or (token == "inline" and self.peek(1) == "namespace"):
                self.namespace(scope)
            elif token == "extern" and self.peek(1) == '""' and self.peek(2) == "{":
                self.at += 3
                self.scan(scope)
                self.at += 1
            else:
                self.declaration(scope)

    def namespace(self, scope):
        names = []
        while self.peek() not in ("{", ";", ""):
            if self.peek() == "=":  # an alias
                names = []
                while self.peek() != ";":
                    self.at += 1
                return
            if WORD.match(self.peek()) and self.peek() not in ("namespace", "inline"):
                names.append(self.peek())
            self.at += 1
        self.at += 1
        hidden = scope is None or not names
        self.scan(None if hidden else scope + tuple(names))
        self.at += 1

    def declaration(self, scope):
        """One declaration at namespace scope, with its body."""
        head = []
        initialisers = False  # behind the colon of a constructor
        while self.at < len(self.tokens):
            token, line = self.tokens[self.at]
            if token == ";":
                self.at += 1
                return
            if token == "=" and "operator" not in head:
                while self.peek() not in (";", ""):
                    if self.peek() in CLOSES:
                        self.skip_group()
                    else:
                        self.at += 1
                continue
            if token == ":" and ")" in head and not TYPE_WORDS & set(outside(head)):
                initialisers = True
            if token == "{":
                member = initialisers and (WORD.match(head[-1]) or head[-1] == ">")
                if not member:
                    self.define(scope, head, line)
                    self.skip_group()
                    if not (TYPE_WORDS & set(outside(head)) or ")" not in head):
                        return  # a function has no semicolon
                    continue
            if token in CLOSES:
                begin = self.at
                self.skip_group()
                head += [word for word, _ in self.tokens[begin:self.at]]
                continue
            head.append(token)
            self.at += 1

    def define(self, scope, head, line):
        if scope is None:
            return
        plain = outside(head)
        kinds = [word for word in plain if word in TYPE_WORDS]
        if kinds and "(" not in plain[plain.index(kinds[0]):]:
            name = type_name(head)
            if name:
                self.found.append(("type", "::".join(scope + (name,)), line))
        elif "(" in plain and "static" not in plain:
            name = function_name(head)
            if name.split("(")[0] not in MACROS:
                self.found.append(("function", "::".join(scope) + "::" + name, line))


def outside(head):
    """The tokens that are in no bracket and no template list; of parentheses the first stays."""
    kept, depth, angle = [], 0, 0
    for place, word in enumerate(head):
        if word in CLOSES and depth == 0 and angle == 0 and word == "(":
            kept.append(word)
        if word in ("(", "[", "[[", "{"):
            depth += 1
        elif word in (")", "]", "]]", "}"):
            depth -= 1
        elif word == "<" and depth == 0 and (place and (WORD.match(head[place - 1]))):
            angle += 1
        elif word == ">" and depth == 0 and angle:
            angle -= 1
        elif depth == 0 and angle == 0:
            kept.append(word)
    return kept


def type_name(head):
    """Of `enum class [[x]] Name final : int`, `template <> struct std::hash<Name>`: the name as written."""
    plain = outside(head)
    last = max(place for place, word in enumerate(head) if word in TYPE_WORDS and word in plain)
    if head[0] == "template":
        depth = 0
        for place, word in enumerate(head):
            depth += (word == "<") - (word == ">")
            if depth == 0 and place > 0 and word == ">":
                after = [at for at, other in enumerate(head) if other in TYPE_WORDS and at > place]
                last = after[0]
                break
    name, depth = "", 0
    words = head[last + 1:]
    while words and words[0] in ("class", "struct", "alignas", "[[", "("):
        opening = words.pop(0)
        if opening in CLOSES:
            while words and words.pop(0) != CLOSES[opening]:
                pass
    for word in words:
        depth += (word == "<") - (word == ">")
        if depth == 0 and word in (":", "final", "{"):
            break
        name += word
    return name


def function_name(head):
    """`query::f(const A&,int) const`: qualified as written, with types and without names of parameters."""
    place = first_parenthesis(head)
    name = []
    before = head[:place]
    if "operator" in before:
        begin = len(before) - 1 - before[::-1].index("operator")
        name = before[begin:]
        before = before[:begin]
        if before[-1:] == ["::"]:
            name = before[-2:] + name
    else:
        while before and (before[-1] in ("::", "~") or WORD.match(before[-1])):
            word = before.pop()
            if name and WORD.match(word) and WORD.match(name[0]):
                break
            name.insert(0, word)
            if not before or (before[-1] not in ("::", "~") and word not in ("::", "~")):
                break
    end = matching(head, place)
    types = [parameter_type(words) for words in split(head[place + 1:end])]
    after = [word for word in head[end + 1:] if word in ("const", "&", "&&")]
    shape = "template " if head[0] == "template" else ""
    return f"{shape}{''.join(name)}({', '.join(types)}){''.join(' ' + word for word in after[:1])}"


def first_parenthesis(head):
    """Of the parameters: the first one in no template list; behind `operator()` the second."""
    angle = 0
    for place, word in enumerate(head):
        if word == "<" and place and WORD.match(head[place - 1]) and head[place - 1] != "operator":
            angle += 1
        elif word == ">" and angle:
            angle -= 1
        elif word == "(" and angle == 0 and head[place - 1] != "operator":
            return place
    return head.index("(")


def matching(head, place):
    depth = 0
    for at in range(place, len(head)):
        depth += (head[at] == "(") - (head[at] == ")")
        if depth == 0:
            return at
    return len(head)


def split(words):
    """Parameters, at the commas that separate them."""
    parts, depth, part = [], 0, []
    for word in words:
        depth += (word in "<({[") - (word in ">)}]")
        if word == "," and depth == 0:
            parts.append(part)
            part = []
        else:
            part.append(word)
    return [part for part in parts + [part] if part]


def parameter_type(words):
    if "=" in words:
        words = words[:words.index("=")]
    several = len([word for word in words if WORD.match(word) and word != "const"]) > 1
    if several and WORD.match(words[-1]) and words[-2] != "::" and words[-1] not in (
            "int", "char", "long", "short", "double", "float", "bool", "unsigned"):
        words = words[:-1]
    return " ".join(words)


def definitions(text):
    return Scanner(text).found


def twice(found):
    """Those of {(kind, name): places} that more than one place defines."""
    return {key: places for key, places in found.items()
            if len(places) > 1 and key[1].split("(")[0].strip(":") not in OF_EACH_PROGRAM}


# Two files each; whether they collide.
PLANTED = [
    ("namespace a { struct X { int x; }; }", "namespace a { struct X { long x; int y = {}; }; }", True),
    ("namespace a::b { enum class E : int { A }; }", "namespace a { namespace b { class E final {}; } }", True),
    ("namespace a { namespace { struct X {}; } }", "namespace a { struct X {}; }", False),
    ("namespace a { struct X; struct Y {}; }", "namespace a { struct X {}; }", False),
    ("namespace a { int f(const T& x, int y) { return y; } }", "namespace a { int f(const T& z, int) { return 0; } }",
     True),
    ("namespace a { int f(T x) { return 0; } }", "namespace a { int f(U x) { return 0; } }", False),
    ("namespace a { static int f() { return 0; } }", "namespace a { int f() { return 0; } }", False),
    ("namespace a { inline int f() { return 0; } }", "namespace a { inline int f() { return 1; } }", True),
    ("namespace a { X::X(int i) : a_{i}, b_(2) {} }", "namespace a { X::X(int) : a_(1) { g(); } struct Z {}; }", True),
    ("namespace a { X::X(int i) : a_{i} {} struct Z {}; }", "namespace a { struct Z {}; }", True),
    ("namespace a { const V v{1, {2}}; auto l = [] { struct X {}; }; }", "namespace a { struct X {}; }", False),
    ("namespace a { template <class T> struct X { T t; }; }", "namespace a { template <typename U> struct X {}; }",
     True),
    ("template <> struct std::hash<a::X> {};", "template <> struct std::hash<a::Y> {};", False),
    ("namespace a { struct X { int f() { return 1; } struct I {}; }; }", "namespace a { struct Y { struct I {}; }; }",
     False),
    ("namespace a { bool operator==(X, X) { return true; } }", "namespace a { bool operator==(X a, X b) { return 1; } }",
     True),
]


def places_in(texts):
    found = collections.defaultdict(list)
    for name, text in texts:
        for kind, qualified, line in definitions(text):
            found[kind, qualified].append(f"{name}:{line}")
    return found


def main():
    problems = []
    for first, second, collide in PLANTED:
        if bool(twice(places_in([("one", first), ("two", second)]))) != collide:
            problems.append(f"planted '{first}' and '{second}': judged wrongly")
    paths = common.files("*.h", "*.cpp")
    found = places_in((str(path), common.text(path)) for path in paths)
    for (kind, name), places in sorted(twice(found).items()):
        problems.append(f"{' and '.join(places)}: the {kind} '{name}' is defined {len(places)} times")
    counted = {"files": len(paths), "types": 0, "functions": 0}
    for kind, _ in found:
        counted[kind + "s"] += 1
    common.report(counted, problems)


main()
