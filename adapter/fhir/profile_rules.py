"""The door's second half: whether a resource is what one of our profiles asks beyond base R4, with every issue at once.

The rules are those of the profiles' snapshots (cardinality, types, fixed values and patterns, slices by discriminator,
required bindings), generated into `profiles/rules.json` and compiled once. Invariants are not among them, nor value
sets that nobody enumerates; `unchecked` there names the latter. https://hl7.org/fhir/R4/profiling.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from adapter.fhir.canonical import VERSION
from adapter.fhir.canonical import profile as canonical
from adapter.fhir.json import dump, same
from adapter.fhir.outcome import at_most
from adapter.problems import Issue

Rule = Mapping[str, Any]
Local = Mapping[str, str]
"""the types of the contained resources, by id"""
Check = Callable[[Any, str, list[Issue], Local], None]
"""Looks at a value that stands at a FHIRPath, and adds what is wrong with it."""
Test = Callable[[Any, Local], bool]

_OURS = canonical("")
_TYPE = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?$")
_NOWHERE: Local = {}


class ProfileRules:
    """The rules of all our profiles; each is compiled when it is first asked for."""

    def __init__(self, content: Rule) -> None:
        self._rules: Mapping[str, Rule] = content["profiles"]
        self._extensions: Mapping[str, Rule] = content["extensions"]
        self._sets = {
            url: frozenset((system, code) for system, codes in systems.items() for code in codes)
            for url, systems in content["sets"].items()
        }
        self._compiled: dict[str, Check] = {}

    @classmethod
    def load(cls, folder: Path) -> ProfileRules:
        """The rules in `folder` (profiles); a missing or damaged file raises OSError or ValueError."""
        return cls(orjson.loads((folder / "rules.json").read_bytes()))

    @property
    def profiles(self) -> frozenset[str]:
        """The canonicals of the profiles that have rules."""
        return frozenset(self._rules)

    def known(self, canonical: str) -> str | None:
        """The profile of ours that a canonical names, without its version; None where that is none, or another version.

        https://hl7.org/fhir/R4/references.html#canonical: `|version` asks for that version and no other.
        """
        url, _, version = canonical.partition("|")
        return url if url in self._rules and version in ("", VERSION) else None

    def claims(self, resource: dict[str, Any]) -> list[str]:
        """Our profiles that a valid resource says it conforms to in `meta.profile`, whatever version it names.

        A door holds what claims another version to today's rules all the same: only those are here, and a version in a
        claim must not be a way around them. `$validate` says that the version named is not known.
        """
        said = resource.get("meta", {}).get("profile", ())
        ours = (url.partition("|")[0] for url in said if url is not None and url.startswith(_OURS))
        return [url for url in ours if url in self._rules]

    def check_claims(self, resource: dict[str, Any]) -> list[Issue]:
        """The issues of a valid resource under every profile of ours that it claims; none where it claims none."""
        claimed = self.claims(resource)
        return [issue for url in claimed for issue in self.check(resource, url)] if claimed else []

    def check(self, resource: dict[str, Any], profile: str) -> list[Issue]:
        """The issues of a resource that the strict door has let in, under the profile with this canonical.

        Raises KeyError where there is no such profile. Expressions are FHIRPath from the resource:
        `Encounter.participant[0].individual`.
        """
        rule, kind = self._rules[profile], resource["resourceType"]
        if kind != rule["type"]:
            message = f"{_label(profile)} is a profile of {rule['type']}."
            return [Issue("invariant", message, f"{kind}.meta.profile")]
        found: list[Issue] = []
        self._check(profile, rule)(resource, kind, found, _local(resource))
        return at_most(found)

    def _check(self, url: str, rule: Rule) -> Check:
        if url not in self._compiled:
            self._compiled[url] = self._members(rule, _label(url))
        return self._compiled[url]

    def _value(self, rule: Rule, label: str) -> Check | None:
        """What is asked of one value, or nothing."""
        checks = [check for check in (*self._contents(rule, label), self._inside(rule, label)) if check]
        if len(checks) < 2:
            return checks[0] if checks else None

        def every(value: Any, place: str, found: list[Issue], local: Local) -> None:
            for check in checks:
                check(value, place, found, local)

        return every

    def _inside(self, rule: Rule, label: str) -> Check | None:
        return self._members(rule, label) if rule.keys() & {"children", "extensions"} else None

    def _contents(self, rule: Rule, label: str) -> Iterable[Check]:
        for name, message, code in _MESSAGES:
            if name in rule:
                test = self._test(name, rule[name])
                asked = _or_unknown(test) if name == "to" else test
                yield _asked(asked, message.format(label, _told(rule[name])), code)

    def _test(self, name: str, said: Any) -> Test:
        if name == "to":
            allowed = frozenset(said)
            return lambda value, local: _kind(value, local) in allowed
        if name == "codes":
            codes = self._sets[said]
            plain = frozenset(code for _, code in codes)
            return lambda value, local: _is_coded(value, codes, plain)
        if name == "pattern":
            return _pattern(said)
        return lambda value, local: same(value, said)

    def _members(self, rule: Rule, label: str) -> Check:
        """What is asked of the elements of an object."""
        checks = [self._child(name, child, label) for name, child in rule.get("children", {}).items()]
        if rule.get("extensions"):
            checks.append(self._extended(rule["extensions"], label))

        def members(value: Any, place: str, found: list[Issue], local: Local) -> None:
            if isinstance(value, dict):
                for check in checks:
                    check(value, place, found, local)

        return members

    def _child(self, name: str, rule: Rule, label: str) -> Check:
        if name.endswith("[x]"):
            return self._choice(name[:-3], rule, label)
        check, several = self._value(rule, label), self._list(rule, label)
        missing = Issue("required", f"{label} requires {name}.") if rule.get("min") else None
        least, most, branch = rule.get("min", 0), rule.get("max"), _branch_of(name, rule)

        def child(holder: Any, place: str, found: list[Issue], local: Local) -> None:
            value = holder.get(name)
            if value is None:
                if missing and f"_{name}" not in holder:
                    found.append(Issue("required", missing.message, f"{place}.{branch}"))
                return
            where = f"{place}.{branch}"
            if isinstance(value, list):
                _counted(len(value), least, most, where, label, found)
                several(value, where, found, local)
            elif most == 0:
                found.append(Issue("invariant", f"{label} has no {name}.", where))
            elif check:
                check(value, where, found, local)

        return child

    def _choice(self, stem: str, rule: Rule, label: str) -> Check:
        """An element that may be of several types: `value[x]`."""
        check, names = self._value(rule, label), frozenset(rule.get("names", ()))
        uncoded = self._value({name: said for name, said in rule.items() if name != "codes"}, label)
        least, most, size = rule.get("min", 0), rule.get("max"), len(stem)
        allowed = ", ".join(sorted(names))

        def choice(holder: Any, place: str, found: list[Issue], local: Local) -> None:
            said = False
            for key in holder:
                name = key[1:] if key[0] == "_" else key
                if not (name.startswith(stem) and name[size : size + 1].isupper()):
                    continue
                said = True
                if most == 0:
                    found.append(Issue("invariant", f"{label} has no {stem}[x].", f"{place}.{stem}"))
                elif names and name not in names:
                    found.append(Issue("invariant", f"{label} allows only {allowed} here.", f"{place}.{stem}"))
                elif name is key and (asked := check if key.endswith(_CODED) else uncoded):
                    asked(holder[key], f"{place}.{stem}", found, local)
            if least and not said:
                found.append(Issue("required", f"{label} requires {stem}[x].", f"{place}.{stem}"))

        return choice

    def _list(self, rule: Rule, label: str) -> Check:
        """What is asked of the members of a list, of each and by slice."""
        check = self._value(rule, label)
        slices = [self._slice(slice, label) for slice in rule.get("slices", ())]

        def several(members: Any, place: str, found: list[Issue], local: Local) -> None:
            if check:
                for index, member in enumerate(members):
                    if member is not None:
                        check(member, f"{place}[{index}]", found, local)
            for slice in slices:
                slice(members, place, found, local)

        return several

    def _slice(self, slice: Rule, label: str) -> Check:
        tests = [_at(_steps(t["at"]), self._test(n, t[n])) for t in slice["where"] for n in t if n != "at"]
        check, name = self._value(slice, label), f"{label} {slice['name']}"
        least, most = slice.get("min", 0), slice.get("max")

        def sliced(members: Any, place: str, found: list[Issue], local: Local) -> None:
            mine = list(range(len(members)))
            for test in tests:
                mine = [index for index in mine if test(members[index], local)]
            _counted(len(mine), least, most, place, name, found)
            if check:
                for index in mine:
                    check(members[index], f"{place}[{index}]", found, local)

        return sliced

    def _extended(self, rules: Mapping[str, Rule], label: str) -> Check:
        """The extensions of one element, told by URL."""
        contents = {url: self._extension(url, rule, label) for url, rule in rules.items()}
        limits = [(url, rule.get("min", 0), rule.get("max")) for url, rule in rules.items() if rule.keys() & _COUNTS]

        def extended(holder: Any, place: str, found: list[Issue], local: Local) -> None:
            counts: dict[str, int] = {}
            for index, member in enumerate(holder.get("extension", ())):
                url = member.get("url")
                if url in contents:
                    counts[url] = counts.get(url, 0) + 1
                    if check := contents[url]:
                        check(member, f"{place}.extension[{index}]", found, local)
            for url, least, most in limits:
                _counted(counts.get(url, 0), least, most, f"{place}.extension('{url}')", label, found)

        return extended

    def _extension(self, url: str, rule: Rule, label: str) -> Check | None:
        """What is asked of one extension: by its own definition, or as a part of the one around it."""
        if url in self._extensions:
            return self._check(url, self._extensions[url])
        return self._inside(rule, f"{label} {url}")


# The types of a choice that a binding is about.
_CODED = ("Code", "Coding", "CodeableConcept", "Quantity", "String", "Uri")
_COUNTS = frozenset({"min", "max"})
# (rule, message of (profile, what it says), R4 issue code)
_MESSAGES = (
    ("to", "{0} allows a reference to {1} here.", "invariant"),
    ("fixed", "{0} wants exactly {1} here.", "invariant"),
    ("pattern", "{0} wants {1} here.", "invariant"),
    ("codes", "{0} requires a code of the value set {1} here.", "code-invalid"),
)


def _asked(test: Test, message: str, code: str) -> Check:
    def asked(value: Any, place: str, found: list[Issue], local: Local) -> None:
        if not test(value, local):
            found.append(Issue(code, message, place))

    return asked


def _or_unknown(test: Test) -> Test:
    """A reference by identifier or name alone may be to anything: only what is told otherwise is refused."""
    return lambda value, local: _kind(value, local) is None or test(value, local)


def _told(said: Any) -> str:
    """What a rule says, for a person."""
    if isinstance(said, list):
        return " or ".join(said)
    return said.rpartition("/")[2] if isinstance(said, str) and said.startswith("http") else dump(said).decode()


def _label(url: str) -> str:
    return url.rpartition("/")[2]


def _branch_of(name: str, rule: Rule) -> str:
    """The FHIRPath name of an element: the branch `valueQuantity` of a choice is its `value`."""
    return str(rule.get("of", name))


def _counted(count: int, least: int, most: int | None, place: str, label: str, found: list[Issue]) -> None:
    if count < least:
        found.append(Issue("required", f"{label}: at least {least} here, not {count}.", place))
    if most is not None and count > most:
        found.append(Issue("invariant", f"{label}: at most {most} here, not {count}.", place))


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


def _at(steps: tuple[str, ...], test: Test) -> Test:
    """A test of what stands at a path inside a member of a list; a place without a value (null) passes none."""
    if not steps:
        return lambda member, local: member is not None and test(member, local)
    if len(steps) > 1:
        return lambda member, local: _some(member, steps, test, local)
    [step] = steps

    def inside(member: Any, local: Local) -> bool:
        value = member.get(step)
        return _some(value, (), test, local) if isinstance(value, list) else value is not None and test(value, local)

    return inside


def _pattern(said: Any) -> Test:
    """The test whether a value holds a pattern, quick for the usual one: a coding of a concept."""
    if isinstance(said, dict) and said.keys() == {"coding"} and len(said["coding"]) == 1:
        wanted = said["coding"][0].items()
        return lambda value, local: any(wanted <= coding.items() for coding in value.get("coding", ()))
    return lambda value, local: _has(value, said)


def _some(value: Any, steps: tuple[str, ...], test: Test, local: Local) -> bool:
    """Whether what stands at a path inside a member passes a test; of several, one is enough."""
    if isinstance(value, list):
        return any(_some(member, steps, test, local) for member in value)
    if not steps:
        return value is not None and test(value, local)
    return isinstance(value, dict) and _some(value.get(steps[0]), steps[1:], test, local)


def _has(value: Any, pattern: Any) -> bool:
    """Whether a value holds everything that a pattern says (R4 elementdefinition.html, pattern[x])."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(name in value and _has(value[name], p) for name, p in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(_has(member, p) for member in value) for p in pattern)
    return type(value) is type(pattern) and bool(value == pattern)


def _is_coded(value: Any, codes: frozenset[tuple[str, str]], plain: frozenset[str]) -> bool:
    """Whether a code, Coding, Quantity or CodeableConcept says one of the codes."""
    if isinstance(value, str):
        return value in plain
    codings = value.get("coding", [value])
    return any((coding.get("system", ""), coding.get("code", "")) in codes for coding in codings)


def _kind(reference: Any, local: Local) -> str | None:
    """The type of what a Reference names: by its literal, else as it says; None where nobody can tell."""
    if not isinstance(reference, dict):
        return None
    literal: str = reference.get("reference", "")
    kind, slash, _ = literal.partition("/")
    if slash and kind.isalpha():  # `Patient/1`
        return kind
    if literal.startswith("#"):
        return local.get(literal[1:])
    found = _TYPE.search(literal)
    return found[1] if found else reference.get("type")  # `https://ehr.example.org/fhir/Patient/1`


def _local(resource: dict[str, Any]) -> Local:
    if "contained" not in resource:
        return _NOWHERE
    return {inner["id"]: inner["resourceType"] for inner in resource["contained"] if "id" in inner}
