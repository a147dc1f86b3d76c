"""What the readers of entries share: tables, values, whom the document is about, and how a statement is opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from adapter.fhir.dates import FOREVER
from adapter.referral.ccda_tables import Tables
from adapter.referral.document import Node
from adapter.referral.values import Values, extent, said

Object = dict[str, Any]
EVENT = frozenset(("EVN",))
STATEMENTS = ("act", "encounter", "observation", "organizer", "procedure", "substanceAdministration", "supply")
"""The kinds of clinical statements that CDA has, save those of images."""
ROOT = "2.16.840.1.113883.10.20.22."
_AUTHORS = "2.16.840.1.113883.6.101"  # provider taxonomy of the NUCC
_NPI = "2.16.840.1.113883.4.6"


class NotRead(Exception):
    """An entry of which no record is made; its text says why."""


class Around(NamedTuple):
    """What stands around a statement: the act that wraps it, and the category of what is made of it."""

    concern: Node | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """One document on the desk: `patient` is its subject's fullUrl, `written` when it was written."""

    tables: Tables
    values: Values
    patient: str
    written: str | None

    @property
    def subject(self) -> Object:
        """The reference to whom every record is about."""
        return {"reference": self.patient}

    def opened(self, node: Node, moods: frozenset[str] = EVENT, *, negation: bool = False) -> bool:
        """Take a statement to read it, and say whether it is negated.

        Raises NotRead where it says that something did not happen, or is only meant to, or is about somebody else, and
        `moods` or `negation` do not say that the reader knows.
        """
        negated = node.get("negationInd") == "true"
        if node.null:
            raise NotRead("it says that there is nothing to say (nullFlavor)")
        if negated and not negation:
            raise NotRead("it is negated")
        if node.get("moodCode") not in moods:
            raise NotRead("it is planned, wished for or asked for, and did not happen")
        if node.first("subject"):
            raise NotRead("it is about another person than the patient")
        node.take()
        return negated

    def parts(self, node: Node, template: str, *path: str) -> Iterator[Node]:
        """The statements of a template in a statement that say that something is; they are taken."""
        for around in node.all(*(path or ("entryRelationship",))):
            for part in around.children:
                if part.name in STATEMENTS and has(part, template):
                    try:
                        self.opened(part)
                    except NotRead:
                        continue
                    if code := part.first("code"):
                        code.take()  # it says what the template says
                    yield part

    def part(self, node: Node, template: str) -> Node | None:
        """The first of them."""
        return next(self.parts(node, template), None)

    def clinician(self, node: Node) -> Object | None:
        """The first author who is a clinician, by name and number; another may be a relative, and is not read."""
        for author in node.all("author", "assignedAuthor"):
            ids = self.values.identifiers(one for one in author.all("id") if one.get("root") == _NPI)
            code, name = author.first("code"), author.first("assignedPerson", "name")
            if not ids and (code is None or code.get("codeSystem") != _AUTHORS):
                continue
            shown = self.values.words(name) if name and not name.null else None
            for part in (*name.children,) if name else ():
                part.take()
            return said({"type": "Practitioner", "identifier": ids[0] if ids else None, "display": shown})
        return None

    def recorded(self, node: Node | None) -> str | None:
        """When the first author wrote it."""
        time = node.first("author", "time") if node is not None else None
        return self.values.moment(time)

    def asserted(self, node: Node) -> None:
        """Take a code that says only that the value is what is said."""
        code = node.first("code")
        if code is not None and code.get("code") == "ASSERTION":
            code.take()

    def is_over(self, end: str | None) -> bool:
        """Whether a time had come when the document was written, as far as both are exact; an unknown one had not."""
        return end is not None and extent(end)[0] < (extent(self.written)[1] if self.written else FOREVER)


def has(node: Node, template: str) -> bool:
    """Whether a statement says that it is of a template of C-CDA, of whatever version."""
    return any(one.get("root") == ROOT + template for one in node.all("templateId"))
