"""Goes through the sections of a document: what each entry becomes, and what became of none.

Which template is read by what is said in `mappings/ccda.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from adapter.referral.ccda_tables import SectionKind, Template
from adapter.referral.conditions import allergy, condition
from adapter.referral.desk import STATEMENTS, Around, Desk, NotRead, Object
from adapter.referral.document import Node
from adapter.referral.facts import fact
from adapter.referral.findings import finding, panel
from adapter.referral.medications import medication
from adapter.referral.security import labels
from adapter.referral.values import is_root

What = Literal["header", "body", "section", "text", "entry", "part"]
TITLE = 80
"""Characters of a title that are told."""
_READERS: Mapping[str, Callable[[Desk, Node, Around], Object]] = {
    "problem": condition,
    "allergy": allergy,
    "medication": medication,
    "finding": finding,
}
_NO_SECTION = SectionKind()
_TEXT = "its text is for people to read: it may say more than the entries"
_TEXT_ALONE = "its text is for people to read: there are no entries"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something of the document that is in no record: `what` of it, where, in a section of what title and LOINC code.

    `section` is read whole or not at all; `text` is its narrative; `part` is of an entry that is a record otherwise.
    `parts` are the paths below the place that say something, if only these are meant.
    """

    what: What
    place: str
    why: str
    title: str = ""
    code: str = ""
    parts: tuple[str, ...] = ()


class Record(NamedTuple):
    """A resource, the `urn:uuid:` by which others refer to it, and the place of what it was made of."""

    full_url: str
    resource: Object
    place: str


class Section(NamedTuple):
    """A section that is read: how it is called, of what kind it is, and what its records are labelled with."""

    title: str
    code: str
    kind: SectionKind
    security: list[Object]


@dataclass
class Entries:
    """One pass over a body; `stay` refers to the Encounter that the document is from."""

    desk: Desk
    new_id: Callable[[], str]
    stay: str | None = None
    records: list[Record] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    security: list[list[Object]] = field(default_factory=list)
    """The labels of each section."""

    def section(self, node: Node, around: list[Object]) -> None:
        """Read a section and those in it; `around` are the labels of what it is in."""
        heading, code = node.first("title"), node.first("code")
        title = heading.text[:TITLE] if heading else ""
        told = code.get("code") if code else ""
        kind = self.desk.tables.sections.get(told, _NO_SECTION)
        here = Section(title, told, kind, labels(self.desk.values, node, around))
        self.security.append(here.security)
        if kind.another or node.first("subject"):
            self._tell(here, "section", node, "it tells of other people than the patient")
            return
        self._text(here, node)
        for entry in node.all("entry"):
            self._entry(here, entry)
        for part in ("author", "informant"):
            if node.first(part):
                self._tell(here, "part", node, "who says it is not kept", (part,))
        for inner in node.all("component", "section"):
            self.section(inner, here.security)

    def _text(self, here: Section, node: Node) -> None:
        """The narrative: a fact, or named."""
        text = node.first("text")
        if text is None or not (text.text or text.file):
            if node.first("entry") is None and node.first("component") is None:
                self._tell(here, "section", node, "there is nothing in it")
            return
        made = fact(self.desk, node, self.stay) if here.kind.fact else None
        if made:
            self._record(here, made, node)
        else:
            why = _TEXT if node.first("entry") else _TEXT_ALONE
            self._tell(here, "text", text, why)

    def _entry(self, here: Section, entry: Node) -> None:
        """One entry: records, or an Unread that names it."""
        statement = next(entry.children, None)
        if statement is None:
            self._tell(here, "entry", entry, "there is nothing in it")
            return
        before = len(self.records)
        self._statement(here, statement, Around(category=here.kind.category or "encounter-diagnosis"))
        if len(self.records) > before and (parts := tuple(statement.unread())):
            self._tell(here, "part", statement, "no record says this", parts)

    def _statement(self, here: Section, node: Node, around: Around) -> str | None:
        """The fullUrl of the record of a statement; None where there is none, or where it holds several."""
        template = self._template(node)
        try:
            if template is None:
                raise NotRead(_of_what(node))
            if template.reads == "wraps":
                self._wrapped(here, node, template, around)
                return None
            if template.reads == "panel":
                return self._panel(here, node, template)
            within = around if template.reads == "problem" else around._replace(category=template.category)
            return self._record(here, _READERS[template.reads](self.desk, node, within), node)
        except NotRead as why:
            self._tell(here, "entry", node, str(why))
            return None

    def _template(self, node: Node) -> Template | None:
        found = (self.desk.tables.templates.get(one.get("root")) for one in node.all("templateId"))
        return next((one for one in found if one), None)

    def _wrapped(self, here: Section, node: Node, template: Template, around: Around) -> None:
        """The statements in an act whose templates are read; its own parts are told with the entry's."""
        self.desk.opened(node)
        if code := node.first("code"):
            code.take()
        inner = [one for around in node.all("entryRelationship") for one in around.children if self._template(one)]
        if not inner:
            raise NotRead("there is no statement in it that is read")
        for one in inner:
            self._statement(here, one, Around(node, template.category or around.category))

    def _panel(self, here: Section, node: Node, template: Template) -> str | None:
        """The members first, then what holds them together."""
        self.desk.opened(node)
        around = Around(category=template.category)
        inner = [one for part in node.all("component") for one in part.children if self._template(one)]
        members = [url for one in inner if (url := self._statement(here, one, around))]
        if not members:
            raise NotRead("there is no observation in it that is read")
        return self._record(here, panel(self.desk, node, around, members), node)

    def _record(self, here: Section, resource: Object, node: Node) -> str:
        return self.add(resource, node.place, here.security)

    def add(self, resource: Object, place: str, security: list[Object]) -> str:
        """Put a resource with its labels on the list; its fullUrl."""
        full_url = f"urn:uuid:{self.new_id()}"
        meta = {"meta": {"security": security}} if security else {}
        type = resource["resourceType"]
        self.records.append(Record(full_url, {"resourceType": type, **meta, **resource}, place))
        return full_url

    def _tell(self, here: Section, what: What, node: Node, why: str, parts: tuple[str, ...] = ()) -> None:
        self.unread.append(Unread(what, node.place, why, here.title, here.code, parts))


def _of_what(node: Node) -> str:
    """Why a statement without a row in the table is not read, with its templates."""
    if node.name not in STATEMENTS:
        return f"there is no reader for this kind ({node.name})"
    roots = [root for one in node.all("templateId") if is_root(root := one.get("root"))]
    return f"there is no reader for its template ({', '.join(roots[:4]) or 'it has none'})"


def told(unread: list[Unread]) -> Iterator[str]:
    """Each as a sentence for a person."""
    for one in unread:
        named = f"{one.title or 'a section without a title'} ({one.code})" if one.code else one.title
        parts = f": {', '.join(one.parts)}" if one.parts else ""
        yield f"{one.what} {one.place}{' in ' + named if named else ''}: {one.why}{parts}"
