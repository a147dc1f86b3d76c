"""The page of who may ask what, from `mappings/release`: kinds of clients at /fhir, roles of the staff at /iop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple
from typing import Any

from adapter.callers import ClientKind
from adapter.consent.grid import BASE, Grid, Row
from adapter.consent.matrix import Matrix, Role
from adapter.fhir.elements import Definitions
from adapter.interactions.types import served_by
from adapter.web.cells import fhir_cells, native_cells
from adapter.web.fhir import ROUTES
from docs.generator.context import Context
from docs.generator.map_file import MapFile, files
from docs.generator.markdown import code, codes, page, table

CLIENTS = {
    ClientKind.PROGRAM_EHR: "the EHR of the program itself, a qualified service organization (42 CFR 2.11)",
    ClientKind.PROVIDER_EHR: "the EHR of another provider who treats the patient",
    ClientKind.PAYER: "who pays for the patient",
    ClientKind.FACILITY: "a residential facility that refers people to the program",
    ClientKind.STAFF: "somebody of the program",
    ClientKind.PRIVACY_OFFICER: "who answers for the program's records, and administers it",
}
INTRO = """\
What each kind of client may ask for, before any consent is looked at. A word of these tables is a ceiling: the scopes
of the client's token lower it, and so does each patient's consent. A refusal by it is 403 for every patient alike; what
a consent refuses is absent.

`/fhir` asks the first of them. The second is asked with each request of somebody of the staff at `/iop`, and says what
`role` in the first one means."""
SCOPES = """\
SMART's letters: reading, earlier versions and the history of one record are `r`; searches and the history of a type
`s`; `create` is `c`, `update` and `patch` are `u`, `delete` is `d`; `$everything` needs `r` and `s`, `$validate` `r`.
A write that depends on a search needs `s` too. A batch or transaction has no letter: each entry is asked for by itself,
and the parts of a referral are covered by a `c` for its Bundle. Staff have `user/` scopes, the others `system/` scopes.

A scope with arguments covers searches, to which they are added, and reads of what they find; nothing else."""


def authorization_page(context: Context) -> str:
    """The page as Markdown."""
    definitions = Definitions.load(context.root / "profiles" / "r4")
    fhir = fhir_cells(served_by(context.maps, definitions), ROUTES)
    native = native_cells([*context.maps.concepts, *context.maps.aggregates])
    matrix = Matrix.load(context.root / "mappings" / "release", fhir, native)
    release = files(context.root, "release")
    return page(
        "mappings/release",
        "# Who may ask what",
        INTRO,
        "## Clients at /fhir",
        table(("kind", "who"), [(code(kind), said) for kind, said in CLIENTS.items()]),
        table(("word", "what of the records"), [(code(word), said) for word, said in matrix.clients.means.items()]),
        *_groups(matrix.clients, release["matrix"], tuple(ClientKind)),
        "### How far a search reaches",
        _limits(matrix),
        "## Scopes",
        SCOPES,
        "## Staff at /iop",
        table(("word", "whose records"), [(code(word), said) for word, said in matrix.roles.means.items()]),
        *_groups(matrix.roles, release["staff"], tuple(Role)),
    )


def _groups(grid: Grid[Any, Any], file: MapFile, columns: tuple[str, ...]) -> Iterator[str]:
    """Heading, reason, members and table of each group of the file."""
    rows: dict[str, list[Row[Any, Any]]] = {}
    members: dict[str, dict[str, None]] = {}
    for (place, _), row in grid.cells.items():
        group = row.place[1]
        members.setdefault(group, {})[place or BASE] = None
        if row not in rows.setdefault(group, []):
            rows[group].append(row)
    for group, its in rows.items():
        yield f"### {group}"
        yield file.above("cells", group)
        yield f"{codes(members[group])}." if list(members[group]) != [group] else ""
        yield table(("", *columns, "opened by", "why"), [_row(grid, row, file, columns) for row in its])


def _row(grid: Grid[Any, Any], row: Row[Any, Any], file: MapFile, columns: tuple[str, ...]) -> tuple[str, ...]:
    deeds: Mapping[str, None] = {deed: None for (_, deed), owner in grid.cells.items() if owner is row}
    words = (row.words[column].value for column in columns)
    return codes(deeds), *words, row.opens or "", file.comment(*row.place)


def _limits(matrix: Matrix) -> str:
    rows = [(code(kind), *map(_said, astuple(matrix.limits(kind)))) for kind in ClientKind]
    return table(("kind", "chains", "`_has`", "includes", "`:iterate`", "`handling=lenient`"), rows)


def _said(value: Any) -> str:
    if isinstance(value, frozenset):
        return "all" if "*" in value else codes(sorted(value))
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
