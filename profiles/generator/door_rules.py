"""The rules of the door: what the snapshots of our profiles ask beyond base R4, for `adapter/fhir/profile_rules.py`.

A rule is an object: `min`, `max` (how many), `names` (the branches of a choice that are left), `of` (the choice of a
branch), `to` (types a reference may name), `fixed`, `pattern`, `codes` (a required value set), `children` by element,
`slices` (`where` tells the members of one), `extensions` by URL. R4: https://hl7.org/fhir/R4/elementdefinition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.fhir.elements import Definitions

from .expansion import Expansion
from .parents import BASE, Packages

Rule = dict[str, Any]
Element = dict[str, Any]


class DoorRules:
    """Rules of every profile of ours, and of every extension that one of them names."""

    def __init__(
        self, compiled: Mapping[str, dict[str, Any]], packages: Packages, definitions: Definitions, expansion: Expansion
    ) -> None:
        self._structures = {
            found["url"]: found for found in compiled.values() if found["resourceType"] == "StructureDefinition"
        }
        self._packages, self._definitions, self._expansion = packages, definitions, expansion
        self._sets: dict[str, dict[str, list[str]]] = {}
        self._unchecked: set[str] = set()
        self._extensions: dict[str, Rule] = {}

    def rules(self) -> dict[str, Any]:
        """`profiles` and `extensions` by canonical, `sets` of codes by canonical, and what is `unchecked`."""
        profiles = {}
        for url, structure in sorted(self._structures.items()):
            if structure["type"] == "Extension":
                self._extension(url)
            else:
                profiles[url] = {"type": structure["type"], **self._tree(structure)}
        return {
            "profiles": profiles,
            "extensions": dict(sorted(self._extensions.items())),
            "sets": dict(sorted(self._sets.items())),
            "unchecked": sorted(self._unchecked),
        }

    def _extension(self, url: str) -> None:
        if url in self._extensions:
            return
        self._extensions[url] = {}
        structure = self._structures.get(url) or self._packages.structure(url)
        if structure is None:
            raise SystemExit(f"there is no definition of the extension {url}")
        self._extensions[url] = self._tree(structure)

    def _tree(self, structure: dict[str, Any]) -> Rule:
        """The rules of one snapshot as a tree, without empty branches."""
        nested = _Nested.of(structure["snapshot"]["element"])
        return self._pruned(nested, structure["url"])

    def _pruned(self, node: _Nested, where: str) -> Rule:
        rule = self._own(node.element) if "." in node.element["id"] else {}
        if children := {name: made for name, made in self._children(node, where) if made}:
            rule["children"] = children
        if extensions := self._extensions_of(node, where):
            rule["extensions"] = extensions
        if slices := [made for slice in node.slices if (made := self._slice(node, slice, where))]:
            rule["slices"] = slices
        return rule

    def _children(self, node: _Nested, where: str) -> Iterator[tuple[str, Rule]]:
        """The rules below an element; the branches of a choice (`valueQuantity`) stand beside it (`value[x]`)."""
        for name, child in node.children.items():
            if name == "extension" or (node.element["path"] == "Extension" and name == "url"):
                continue  # both are told by URL
            if name.endswith("[x]"):
                for slice in child.slices:
                    kind = slice.element["type"][0]["code"]
                    made = self._pruned(slice, where)
                    if made.get("max") == 1:
                        del made["max"]
                    if made:
                        made["of"] = name[:-3]
                    yield name[:-3] + kind[0].upper() + kind[1:], made
                child.slices = []
            yield name, self._pruned(child, where)

    def _own(self, element: Element) -> Rule:
        """What one element says beyond its base; a slice's cardinality always counts."""
        base = self._base(element)
        rule: Rule = {}
        if element.get("min", 0) > (0 if "sliceName" in element else base.get("min", 0)):
            rule["min"] = element["min"]
        most = element.get("max", "*")
        if most != "*" and most != ("*" if "sliceName" in element else base.get("max", "*")):
            rule["max"] = int(most)
        for name, value in element.items():
            if name.startswith(("fixed", "pattern")) and name not in base:
                rule["fixed" if name.startswith("fixed") else "pattern"] = value
        self._types(element, base, rule)
        binding = element.get("binding", {})
        if binding.get("strength") == "required" and self._differs(binding, base.get("binding", {})):
            self._bind(binding["valueSet"], rule)
        return rule

    @staticmethod
    def _differs(binding: Element, base: Element) -> bool:
        same = binding.get("valueSet", "").partition("|")[0] == base.get("valueSet", "").partition("|")[0]
        return "valueSet" in binding and not (same and base.get("strength") == "required")

    def _bind(self, canonical: str, rule: Rule) -> None:
        url = canonical.partition("|")[0]
        codes = self._expansion.codes(url)
        if codes is None:
            self._unchecked.add(url)
            return
        self._sets[url] = codes
        rule["codes"] = url

    def _types(self, element: Element, base: Element, rule: Rule) -> None:
        kinds = [kind["code"] for kind in element.get("type", ())]
        allowed = [kind["code"] for kind in base.get("type", ())]
        name = element["path"].rpartition(".")[2]
        if name.endswith("[x]") and "sliceName" not in element and len(kinds) < len(allowed):
            rule["names"] = [name[:-3] + kind[0].upper() + kind[1:] for kind in kinds]
        to, targets = self._targets(element), self._targets(base)
        if to and "Resource" not in to and (to < targets or "Resource" in targets):
            rule["to"] = sorted(to)

    def _targets(self, element: Element) -> set[str]:
        urls = [
            url
            for kind in element.get("type", ())
            if kind["code"] == "Reference"
            for url in kind.get("targetProfile", [BASE + "Resource"])
        ]
        return {self._packages.type_of(url) or "Resource" for url in urls}

    def _base(self, element: Element) -> Element:
        """The element of base R4 that this one constrains, in its resource type or data type."""
        path = element["path"]
        parent, _, name = path.rpartition(".")
        found = self._definitions.element(path)
        home = found.path if found else path
        structure = self._packages.structure(BASE + home.partition(".")[0]) or {"snapshot": {"element": []}}
        named = {one["path"]: one for one in structure["snapshot"]["element"]}
        return named.get(home) or named.get(f"{parent}.{name}") or {}

    def _extensions_of(self, node: _Nested, where: str) -> Rule:
        """The extensions that an element names, by URL: how many, and the parts of one that has no definition."""
        found: Rule = {}
        for slice in node.children["extension"].slices if "extension" in node.children else ():
            profiles = [url for kind in slice.element.get("type", ()) for url in kind.get("profile", ())]
            made = self._pruned(slice, where)
            url = slice.children["url"].element.get("fixedUri") if "url" in slice.children else None
            made.get("children", {}).pop("url", None)
            if profiles:
                self._extension(profiles[0])
            if url := (profiles[0] if profiles else url):
                found[url] = made
        return found

    def _slice(self, node: _Nested, slice: _Nested, where: str) -> Rule | None:
        """One slice with the tests that tell its members; none where they cannot be told without a filter."""
        tests = []
        rule = self._pruned(slice, where)
        for discriminator in node.element.get("slicing", {}).get("discriminator", ()):
            path = discriminator["path"].removesuffix("resolve()").rstrip(".").removeprefix("$this").lstrip(".")
            test = self._test(slice.at(path))
            if test is None:
                self._unchecked.add(f"{where} {slice.element['id']}")
                return None
            tests.append({"at": path, **test})
            _without(rule, path.split(".") if path else [], test)
        return {"name": slice.element["sliceName"], "where": tests, **rule} if tests else None

    def _test(self, node: _Nested | None) -> Rule | None:
        """What a discriminator looks for: of a slice's element, whatever it fixes."""
        made = self._own(node.element) if node else {}
        found = {key: value for key, value in made.items() if key in ("fixed", "pattern", "codes", "to")}
        return found or None


def _without(rule: Rule, steps: list[str], told: Rule) -> None:
    """Take what tells the members of a slice out of what is asked of them."""
    if not steps:
        for name in told:
            rule.pop(name, None)
        return
    inner = rule.get("children", {}).get(steps[0], {})
    _without(inner, steps[1:], told)
    if not inner and "children" in rule:
        rule["children"].pop(steps[0], None)
        if not rule["children"]:
            del rule["children"]


class _Nested:
    """An element of a snapshot with the elements below it."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.children: dict[str, _Nested] = {}
        self.slices: list[_Nested] = []

    @classmethod
    def of(cls, elements: list[Element]) -> _Nested:
        """The tree of a snapshot, by the ids of its elements."""
        nodes: dict[str, _Nested] = {}
        for element in elements:
            id = element["id"]
            node = nodes[id] = cls(element)
            parent, _, name = id.rpartition(".")
            plain, colon, _ = name.partition(":")
            if colon:
                nodes[f"{parent}.{plain}"].slices.append(node)
            elif parent:
                nodes[parent].children[name] = node
        return nodes[elements[0]["id"]]

    def at(self, path: str) -> _Nested | None:
        """The element at a path below this one."""
        node: _Nested | None = self
        for name in path.split(".") if path else ():
            node = node.children.get(name) if node else None
        return node
