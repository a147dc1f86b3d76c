"""The page of what is understood of other people's published resources: in sum, by concept, and file by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from adapter.mapping.residue import POLICIES
from docs.generator.coverage import COLUMNS, Understood, element, program, understood
from docs.generator.markdown import bullets, code, codes, page, table
from docs.generator.received import PACKAGES, reasons, resources

SOURCE = "the maps and the published examples (tests/conftest.py says where they lie)"
# More files than this with one reason are counted, not named.
MANY = 8
INTRO = """\
Published FHIR resources that were made without us, and what the adapter makes of each. Nothing of their content is
repeated here: files, types, elements and counts only.

* **mapped**: a concept claims it. It can be read and changed as a native record at `/iop`. What no field says stays in
  the resource and is the *residue*, named element by element with its policy (*keep*, *show*, *park*).
* **mapped, incomplete**: claimed, but something that the concept must know is parked: a code without a word here, a
  value of another form, a missing element. Its record says so (`incomplete`) and no figure counts it; a serum sodium
  that lands among the laboratory results is such a one. The rest is **mapped whole**.
* **kept unmapped**: stored whole, served at `/fhir`, listed at `/iop/unmapped`; no native record. Where concepts of its
  type exist, it is none of them: see *How it is told from others* on their pages.
* **refused**: not valid R4, or it holds what must not be ignored or names a second person. Each is defended by a test
  (`tests/fhir/verdicts/examples.json` and `persons.json`).
* **not served**: a type that this server does not store; 404, or 405 where only the server itself may say it.

What is mapped or kept goes out as it came, save the id and `meta.versionId` and `meta.lastUpdated`, which are the
server's, and writing a native record straight back changes nothing: `tests/journeys/test_inbound.py` does all of this
with every resource below. Each is sent by itself, and what it refers to may come later (`IOP_REFERENCES=pending`). A
Bundle is listed as itself and by what is in it; a transaction is all or nothing, so one refused entry refuses it.
What becomes of a C-CDA document is on a [page of its own](ccda.md)."""


def coverage(root: Path, data: Path) -> dict[str, list[Understood]]:
    """Package -> every resource of it, understood."""
    with program(root) as made:
        return {package: [understood(made, one) for one in resources(data, package)] for package in PACKAGES}


def inbound_page(root: Path, found: Mapping[str, Sequence[Understood]]) -> str:
    """The page as Markdown."""
    why = reasons(root)
    return page(
        SOURCE,
        "# Other people's resources",
        INTRO,
        "## In sum\n\n" + _sums(found),
        *(f"## {PACKAGES[package]}: types\n\n{_types(seen)}" for package, seen in found.items()),
        "## By concept\n\nFields read in any of the resources, and residue found in any of them.\n\n"
        + _concepts(found),
        *(f"## {PACKAGES[package]}: files\n\n{_files(seen, why.get(package, {}))}" for package, seen in found.items()),
    )


def _sums(found: Mapping[str, Sequence[Understood]]) -> str:
    rows = [
        (PACKAGES[package], str(len({s.received.file for s in seen})), *_counts(seen))
        for package, seen in found.items()
    ]
    every = [s for seen in found.values() for s in seen]
    total = ("all", str(sum(int(row[1]) for row in rows)), *_counts(every))
    return table(("package", "files", "resources", *COLUMNS), [*rows, total])


def _counts(seen: Sequence[Understood]) -> tuple[str, ...]:
    count = Counter(s.column for s in seen)
    return str(len(seen)), *(str(count[verdict] or "") for verdict in COLUMNS)


def _types(seen: Sequence[Understood]) -> str:
    by_type: dict[str, list[Understood]] = {}
    for one in seen:
        by_type.setdefault(one.received.type, []).append(one)
    rows = ((kind, *_counts(ones), _as(ones)) for kind, ones in sorted(by_type.items()))
    return table(("type", "resources", *COLUMNS, "as"), rows)


def _as(ones: Iterable[Understood]) -> str:
    count = Counter(one.concept for one in ones if one.concept)
    linked = {name: f"[{name}](concepts/{name}.md)" for name in count}
    return ", ".join(linked[name] + (f" {n}" if len(count) > 1 else "") for name, n in sorted(count.items()))


def _concepts(found: Mapping[str, Sequence[Understood]]) -> str:
    by_concept: dict[str, list[Understood]] = {}
    for one in (one for seen in found.values() for one in seen if one.concept):
        by_concept.setdefault(one.concept, []).append(one)
    rows = (
        (
            f"[{name}](concepts/{name}.md)",
            str(len(ones)),
            codes(dict.fromkeys(field for one in ones for field in one.fields)),
            *(_elements(ones, policy) for policy in POLICIES),
        )
        for name, ones in sorted(by_concept.items())
    )
    return table(("concept", "resources", "fields read", *POLICIES), rows)


def _elements(ones: Iterable[Understood], policy: str) -> str:
    named = {element(note.path) for one in ones for note in one.residue if note.policy == policy}
    return codes(sorted(named))


def _files(seen: Sequence[Understood], why: Mapping[str, Sequence[str]]) -> str:
    """One line for each resource; those of one Bundle that came to the same share a line, with their number."""
    lines = Counter(map(_line, seen))
    rows, before = [], ""
    for (file, shown, *rest), number in lines.items():
        rows.append((code(file) if file != before else "", f"{shown} ({number})" if number > 1 else shown, *rest))
        before = file
    listed = table(("file", "resource", "is", "fields", "residue, or where it is refused"), rows)
    refused = _refused(seen, why)
    return f"{listed}\n\nWhy refused:\n\n{refused}" if refused else listed


def _line(one: Understood) -> tuple[str, ...]:
    file, place, resource = one.received
    kind = f"{one.received.type} of type {resource.get('type')}" if one.received.type == "Bundle" else one.received.type
    shown = f"in it: {kind}" if place else kind
    if one.verdict != "mapped":
        return file, shown, one.verdict, "", code(one.where)
    return file, shown, one.concept, str(len(one.fields)), "; ".join(_residue(one))


def _residue(one: Understood) -> Iterator[str]:
    for policy in POLICIES:
        named = dict.fromkeys(element(note.path) for note in one.residue if note.policy == policy)
        if named:
            yield f"{policy}: {', '.join(named)}"


def _refused(seen: Sequence[Understood], why: Mapping[str, Sequence[str]]) -> str:
    """Each reason that a test defends, with its files; KeyError for a refusal that none does."""
    by_reason: dict[str, dict[str, None]] = {}
    for one in seen:
        if one.verdict == "refused":
            by_reason.setdefault(why[one.received.file][1], {})[one.received.file] = None
    return bullets(
        f"{reason} {codes(files) if len(files) < MANY else f'({len(files)} files)'}"
        for reason, files in by_reason.items()
    )
