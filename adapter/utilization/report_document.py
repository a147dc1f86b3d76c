"""A report as a document of one page: a Composition with a table, the MeasureReport, and charts beside it.

https://hl7.org/fhir/R4/documents.html; a chart is a Binary, because the narrative of R4 holds no SVG.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any

from adapter.consent.notice import LONG, SHORT
from adapter.fhir.dates import instant_of
from adapter.interactions.program import Program
from adapter.utilization.report import Report, measure_report, named_unit, number, value_of
from adapter.utilization.report_withheld import Told, by_group, total

Resource = dict[str, Any]
_CHARTS = (
    ("Hours planned and attended, and from where the level of care begins", ("planned-hours", "attended-hours")),
    ("Days attended", ("attended-days",)),
)


def document(program: Program, report: Report) -> Resource:
    """The Bundle."""
    now, id = instant_of(report.window.now), program.new_id()
    made = measure_report(report) | {"id": program.new_id()}
    charts = charts_of(program.new_id, report)
    composition = _composition(program, report, made, charts, now)
    labels = {"meta": {"security": list(report.security)}} if report.security else {}
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in (composition, made, *charts)]
    head: Resource = {"resourceType": "Bundle", "id": id, **labels}
    head |= {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id}"}}
    return head | {"type": "document", "timestamp": now, "entry": entries}


def charts_of(new_id: Callable[[], str], report: Report) -> list[Resource]:
    """Those of which something is told, each a Binary."""
    return [_binary(new_id(), picture) for picture in _charts(report)]


def _composition(program: Program, report: Report, made: Resource, charts: Iterable[Resource], now: str) -> Resource:
    window = report.window
    table = {"text": _text(tabled(report)), "entry": [{"reference": f"urn:uuid:{made['id']}"}]}
    drawn = [{"reference": f"urn:uuid:{one['id']}"} for one in charts]
    beside = [{"title": "Charts", "text": _text("<p>Attached as images.</p>"), "entry": drawn}] if drawn else []
    return {
        "resourceType": "Composition",
        "id": program.new_id(),
        "status": "final",
        "type": {"text": "Utilization report"},
        "subject": report.about | {"reference": f"{program.base_url}/{report.about['reference']}"},
        "date": now,
        "author": [{"display": program.name}],
        "title": f"Utilization from {window.first.isoformat()} until {window.last.isoformat()}",
        "confidentiality": "R",
        "section": [
            {"title": "Utilization", **table},
            *beside,
            {"title": "Confidentiality", "text": _text(f"<p>{escape(SHORT)}</p><p>{escape(LONG)}</p>")},
        ],
    }


def tabled(report: Report) -> str:
    """A line for each figure, its parts in it."""
    titles = {one.code: one.title for one in report.figures}
    lines = []
    for (figure, of, unit), each in by_group(report.told):
        name = titles[figure] + (f", {of}" if of else "")
        summed = total(each)
        whole = "withheld" if summed is None else _words(Told(summed))
        parts = ", ".join(f"{one.cell.part}: {_words(one)}" for one in each if one.cell.part)
        cells = (name, named_unit(unit), whole, parts)
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("Figure", "Of", "In all", "By part"))
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _words(told: Told) -> str:
    if told.withheld:
        return "withheld"
    cell = told.cell
    value = number(value_of(cell))
    return f"{value}" if cell.over is None else f"{value} of {number(cell.over)}"


def _charts(report: Report) -> Iterator[bytes]:
    """Those of which something is told."""
    # A sixth of what a server imports: few ask for a chart, and each command line would wait for it.
    from adapter.utilization.report_chart import bars

    weeks = [week.isoformat() for week in report.window.weeks]
    level = _values(report, "level-hours") if report.type == "individual" else {}
    for title, figures in _CHARTS:
        series = [(name, found) for name in figures if (found := _values(report, name))]
        if series:
            yield bars(title, weeks, series, level if "planned-hours" in figures else {})


def _values(report: Report, figure: str) -> dict[str, float]:
    shown = (one.cell for one in report.told if one.cell.figure == figure and not one.withheld)
    return {cell.part: float(value_of(cell)) for cell in shown}


def _binary(id: str, picture: bytes) -> Resource:
    return {
        "resourceType": "Binary",
        "id": id,
        "contentType": "image/svg+xml",
        "data": b64encode(picture).decode(),
    }


def _text(body: str) -> Resource:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}
