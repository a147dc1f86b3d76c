"""The search part of a URL: what it means, what is refused by name, and links that carry it sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import page_token, parse_search
from adapter.fhir.query import Amounts, Chained, Cursor, Dates, Either, Ids, Match, Missing, Query, Sort, Tokens
from adapter.fhir.tokens import token
from adapter.problems import Problem

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
INDEX = Index.load(PROFILES, Definitions.load(PROFILES / "r4"), ZoneInfo("America/New_York"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = Limits("http://server.example/fhir", 50, 200, b"secret", NOW)
Pairs = list[tuple[str, str]]


def read(*pairs: tuple[str, str], type: str = "Observation", limits: Limits = LIMITS) -> Query:
    return parse_search(type, pairs, INDEX, limits)


def test_an_empty_search_asks_for_everything_newest_first() -> None:
    query = read()
    assert (query.terms, query.sort, query.count, query.summary_count, query.total) == ((), (), 50, False, False)
    assert query.applied == (("_count", "50"),)


@pytest.mark.parametrize(
    ("value", "matches"),
    [
        ("http://loinc.org|1234-5", [Match(token("1234-5", "http://loinc.org"))]),
        ("1234-5", [Match(None, begins="1234-5\x1f")]),
        ("|1234-5", [Match(token("1234-5", None))]),
        ("http://loinc.org|", [Match(None, ends=token("", "http://loinc.org"))]),
        ("a,|b", [Match(None, begins="a\x1f"), Match(token("b", ""))]),
        ("a\\,b", [Match(None, begins="a,b\x1f")]),
        ("a\\|b", [Match(None, begins="a|b\x1f")]),
        ("x|a\\|b", [Match(token("a|b", "x"))]),
        ("x\\\\|b", [Match(token("b", "x\\"))]),
        ("a\\$b\\\\", [Match(None, begins="a$b\\\x1f")]),
    ],
)
def test_tokens_come_in_four_forms_with_escapes(value: str, matches: list[Match]) -> None:
    [term] = read(("code", value)).terms
    assert isinstance(term, Tokens)
    assert list(term.matches) == matches


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("patient", "p1", Match("p1\x1fPatient")),
        ("patient", "Patient/p1", Match("p1\x1fPatient")),
        ("subject", "Patient/p1/_history/3", Match("p1\x1fPatient")),
        ("subject", "p1", Match(None, begins="p1\x1f")),
        ("subject:Group", "p1", Match("p1\x1fGroup")),
        ("subject", "http://server.example/fhir/Patient/p1", Match("p1\x1fPatient")),
        ("subject", "http://other.example/fhir/Patient/p1", Match("http://other.example/fhir/Patient/p1\x1f")),
    ],
)
def test_references_come_as_ids_literals_and_urls(name: str, value: str, match: Match) -> None:
    [term] = read((name, value)).terms
    assert isinstance(term, Tokens)
    assert term.matches == (match,)


def test_ids_missing_and_not_become_terms_of_their_own() -> None:
    query = read(("_id", "a,b,a"), ("code:missing", "true"), ("status:not", "final"))
    ids, missing, status = query.terms
    assert ids == Ids(("a", "b"))
    assert isinstance(missing, Missing)
    assert missing.missing
    assert isinstance(status, Tokens)
    assert status.negated


@pytest.mark.parametrize(
    ("value", "prefix", "low", "high"),
    [
        ("2026-03-01", "eq", "2026-03-01T05:00Z", "2026-03-02T05:00Z"),
        ("ge2026-03-08", "ge", "2026-03-08T05:00Z", "2026-03-09T04:00Z"),
        ("sa2026", "sa", "2026-01-01T05:00Z", "2027-01-01T05:00Z"),
        ("lt2026-03-01T10:00", "lt", "2026-03-01T15:00Z", "2026-03-01T15:01Z"),
        ("2026-03-01T10:00:00Z", "eq", "2026-03-01T10:00Z", "2026-03-01T10:00:01Z"),
        ("2026-03-01T10:00:00.5+01:00", "eq", "2026-03-01T09:00:00.5Z", "2026-03-01T09:00:00.6Z"),
        # A tenth of the 24 hours between then and now, either way.
        ("ap2026-02-28T12:00:00Z", "ap", "2026-02-28T09:36:00Z", "2026-02-28T14:24:01Z"),
    ],
)
def test_dates_are_intervals_in_the_programs_zone(value: str, prefix: str, low: str, high: str) -> None:
    [term] = read(("date", value)).terms
    assert isinstance(term, Dates)
    [asked] = term.ranges
    edges = [datetime.fromtimestamp(edge / 1000, UTC) for edge in (asked.low, asked.high)]
    assert (asked.prefix, edges) == (prefix, [datetime.fromisoformat(low), datetime.fromisoformat(high)])


def test_the_applied_parameters_say_what_was_really_done() -> None:
    query = read(
        ("code", "a\\,b"), ("_sort", "-date,_id"), ("_count", "5000"), ("status:not", "final"), ("_total", "estimate")
    )
    assert query.applied == (
        ("code", "a\\,b"),
        ("status:not", "final"),
        ("_sort", "-date,_id"),
        ("_count", "200"),
        ("_total", "estimate"),
    )
    fields = INDEX.parameters("Observation")
    assert query.sort == (Sort(fields["date"], True), Sort(fields["_id"], False))
    assert query.total
    assert read(*query.applied) == query


@pytest.mark.parametrize("pairs", [[("_summary", "count")], [("_count", "0")]])
def test_a_count_alone_is_asked_for_in_two_ways(pairs: Pairs) -> None:
    assert read(*pairs).summary_count


@pytest.mark.parametrize(
    ("name", "value", "code", "says"),
    [
        ("colour", "red", "not-supported", "not a search parameter of Observation here; known are _id, _lastUpdated"),
        ("code:text", "x", "not-supported", "code:text: this modifier is not served here; known are: missing, not"),
        ("_id:not", "x", "not-supported", "known are: none"),
        ("subject:Wizard", "x", "not-supported", "subject:Wizard: this modifier"),
        ("date:not", "2026", "not-supported", "date:not: this modifier"),
        ("code", "", "invalid", "has no value"),
        ("code", "a,,b", "invalid", "empty alternative"),
        ("code", "a,", "invalid", "empty alternative"),
        ("code", "a\\", "invalid", "lone backslash"),
        ("code", "|", "invalid", "'|' alone"),
        ("code:missing", "yes", "invalid", "neither true nor false"),
        ("_id", "a b", "invalid", "is not an id"),
        ("date", "yesterday", "invalid", "is not a date such as"),
        ("date", "2026-02-30", "invalid", "is not a date"),
        ("date", "2026-13", "invalid", "is not a date"),
        ("date", "xx2026", "invalid", "is not a date"),
        ("date", "20260301", "invalid", "is not a date"),
        ("date", "2026-03-01T10:00:00 01:00", "invalid", "write + as %2B"),
        ("date", "2026-03-01T25:00:00Z", "invalid", "is not a date"),
        ("patient", "Group/g", "invalid", "cannot point to that type; it points to Patient"),
        ("_count", "-1", "invalid", "whole number"),
        ("_count", "٣", "invalid", "whole number"),
        ("_total", "yes", "invalid", "none of none, estimate, accurate"),
        ("_summary", "all", "invalid", "is none of true, text, data, count, false"),
        ("_elements", "status,colour", "invalid", "names what is no element of Observation; its own are"),
        ("_sort", "colour", "not-supported", "cannot be sorted by that; known are"),
        ("_include", "Patient:organization", "invalid", "to follow what is included say :iterate"),
        ("_include", "Observation", "invalid", "is not of the form"),
        ("_include", "Observation:status", "invalid", "is no reference"),
        ("_include", "Observation:colour", "not-supported", "not a search parameter of Observation"),
        ("_include", "Observation:subject:Organization", "invalid", "Observation does not point to that type"),
        ("_include:recurse", "Observation:subject", "not-supported", "known here is iterate"),
        ("_revinclude", "Wizard:subject", "not-supported", "begins with what is no resource type"),
        ("_revinclude", "Observation:*", "not-supported", "must be named by its parameter"),
        ("value-quantity", "much", "invalid", "is not a quantity such as"),
        ("value-quantity", "5|mg", "invalid", "is not of the form number|system|code"),
        ("value-quantity", "5|u|", "invalid", "is not of the form number|system|code"),
        ("value-string:contains", "ab", "too-costly", "needs 3 letters or more"),
        ("value-string", "'!", "invalid", "has no letter or digit"),
        ("value-string", "a" * 201, "too-costly", "is longer than the 200 characters"),
        ("identifier:of-type", "s|c", "invalid", "is not of the form system|code|value"),
        ("subject:identifier", "|", "invalid", "'|' alone"),
        ("code-value-quantity", "c", "invalid", "is not of the form value$value"),
        ("code-value-quantity", "c$d$5", "invalid", "is not of the form value$value"),
        ("status.name", "x", "invalid", "only a reference can be followed"),
        ("subject:Wizard.name", "x", "invalid", "only a reference can be followed"),
        ("subject:Patient.colour", "x", "not-supported", "not a search parameter of Patient"),
        ("subject.colour", "x", "not-supported", "is no search parameter of what subject points to"),
        ("encounter.part-of.part-of.status", "x", "too-costly", "more than 2 references"),
        ("_has:Encounter:patient", "x", "invalid", "is not of the form _has"),
        ("_has:Wizard:patient:code", "x", "not-supported", "the type after _has is none that is served"),
        ("_has:Encounter:patient:status", "x", "invalid", "does not point to Observation"),
        ("_has:Observation:has-member:_has:Observation:has-member:code", "x", "too-costly", "_has inside _has"),
    ],
)
def test_what_cannot_be_served_is_refused_by_name(name: str, value: str, code: str, says: str) -> None:
    with pytest.raises(Problem) as refused:
        read((name, value))
    [issue] = refused.value.issues
    assert refused.value.kind.status == 400
    assert (issue.code, issue.expression) == (code, name)
    assert says in issue.message


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(Problem) as refused:
        read(("colour", "red"), ("code", "ok"), ("date", "x"), ("_count", "1"), ("_count", "2"))
    assert [issue.expression for issue in refused.value.issues] == ["colour", "date", "_count"]


def test_a_page_link_brings_its_search_back_as_it_was_first_asked() -> None:
    query = read(("code", "1,2"), ("date", "ap2026-02-28"), ("_sort", "date"), ("_count", "7"))
    link = page_token(replace(query, concept="drug_result"), Cursor(3, -5, 9), b"secret")
    later = replace(LIMITS, now=NOW + timedelta(minutes=9))
    assert read(("_page", link), limits=later) == replace(query, concept="drug_result", cursor=Cursor(3, -5, 9))


def test_a_page_link_shows_nothing_of_its_search_and_cannot_be_altered() -> None:
    link = page_token(read(("identifier", "urn:ssn|123456789")), Cursor(3, 4, 9), b"secret")
    assert "123456789" not in link
    for place in range(0, len(link), 7):
        other = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
        with pytest.raises(Problem, match="not made by this server"):
            read(("_page", other))


@pytest.mark.parametrize(
    ("pairs", "type", "says"),
    [
        ([("_page", "nonsense")], "Observation", "not made by this server"),
        ([("_page", "ä")], "Observation", "not made by this server"),
        ([("_page", "")], "Observation", "not made by this server"),
        ([("_page", page_token(read(), Cursor(1, 2, 3), b"another secret"))], "Observation", "not made by this server"),
        ([("_page", page_token(read(), Cursor(1, 2, 3), b"secret"))], "Patient", "belongs to a search of Observation"),
        (
            [("_page", page_token(read(), Cursor(1, 2, 3), b"secret")), ("code", "1")],
            "Observation",
            "nothing can be added",
        ),
    ],
)
def test_a_page_link_that_is_not_followed_as_it_was_given_is_refused(pairs: Pairs, type: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        read(*pairs, type=type)


@given(st.recursive(st.text() | st.integers(-(2**63), 2**63 - 1) | st.none(), st.lists), st.binary())
def test_what_is_sealed_is_unsealed(content: object, secret: bytes) -> None:
    assert unseal(seal([content], secret, "list"), secret, "list") == [content]


@given(st.text(), st.text())
def test_no_search_whatever_breaks_the_reader(name: str, value: str) -> None:
    for known in (name, "code", "date", "_id", "subject", "_sort", "_count", "_page"):
        query = read_or_refuse(known, value)
        assert query is None or read(*query.applied) == query


def read_or_refuse(name: str, value: str) -> Query | None:
    """The query, or None if it was refused as bad input is."""
    try:
        return read((name, value))
    except Problem as refused:
        if refused.kind.status != 400:
            raise
        return None


@pytest.mark.parametrize("name", ["code", "code:not", "_id", "date", "subject", "status"])
def test_more_alternatives_than_the_limit_are_too_costly(name: str) -> None:
    limits = replace(LIMITS, or_limit=3)
    values = ["2026", "2025", "2024", "2023"]
    assert read((name, ",".join(values[:3])), limits=limits).terms
    with pytest.raises(Problem, match="more than 3 values between commas") as refused:
        read((name, ",".join(values)), limits=limits)
    assert [(issue.code, issue.expression) for issue in refused.value.issues] == [("too-costly", name)]
    assert refused.value.kind.status == 400


def test_more_parameters_than_the_limit_are_too_costly_and_controls_do_not_count() -> None:
    limits = replace(LIMITS, and_limit=2)
    controls = [("_sort", "date"), ("_count", "5"), ("_total", "none"), ("_summary", "false")]
    assert len(read(("code", "1"), ("code", "2"), *controls, limits=limits).terms) == 2
    for pairs in (
        [("code", "1")] * 3,
        [("_count", "1")] * 8,
        [("_include", "Observation:subject")] * 3,
        [("colour", "red")] * 3,
        [("_page", "x")] * 3,
    ):
        with pytest.raises(Problem, match="more than 2 search parameters") as refused:
            read(*pairs, limits=limits)
        assert refused.value.issues[0].code == "too-costly"


def test_a_lenient_search_leaves_out_what_is_unknown_and_says_so() -> None:
    limits = replace(LIMITS, lenient=True)
    query = read(("colour", "red"), ("code:text", "x"), ("status", "final"), ("_sort", "colour"), limits=limits)
    assert [name for name, _ in query.passed_over] == ["colour", "code:text", "_sort"]
    assert query.applied == (("status", "final"), ("_count", "50"))
    with pytest.raises(Problem, match="is not a date"):
        read(("date", "yesterday"), limits=limits)


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([("_summary", "text"), ("_include", "Observation:subject")], "leaves no room for _include"),
        ([("_summary", "true"), ("_elements", "status")], "stands beside a _summary"),
    ],
)
def test_a_search_that_contradicts_itself_is_refused(pairs: Pairs, says: str) -> None:
    with pytest.raises(Problem, match=says):
        read(*pairs)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("100", 99.5, 100.5), ("100.00", 99.995, 100.005), ("1e2", 95, 105), ("-5.4", -5.45, -5.35), ("0", -0.5, 0.5)],
)
def test_a_number_means_what_its_digits_leave_open(text: str, low: float, high: float) -> None:
    [term] = read(("value-quantity", text)).terms
    assert isinstance(term, Amounts)
    [asked] = term.measures
    assert (asked.low, asked.number, asked.high) == (low, float(text), high)


def test_a_reference_followed_without_a_type_is_followed_to_all_that_know_the_parameter() -> None:
    [one] = read(("subject.birthdate", "2000")).terms
    assert isinstance(one, Chained)
    assert one.type == "Patient"
    [several] = read(("subject.identifier", "1")).terms
    assert isinstance(several, Either)
    assert {term.type for term in several.terms if isinstance(term, Chained)} == {
        "Patient",
        "Group",
        "Device",
        "Location",
    }


def test_more_sort_keys_than_the_limit_are_too_costly() -> None:
    with pytest.raises(Problem, match="more than 15 values") as refused:
        read(("_sort", ",".join(["date"] * 16)))
    assert refused.value.issues[0].code == "too-costly"


@pytest.mark.parametrize(
    ("value", "count"), [("0000000005", 5), ("00", 0), ("0", 0), ("00000000000000000000999", 200), ("9" * 40, 200)]
)
def test_a_count_means_what_it_says_however_many_zeros_it_begins_with(value: str, count: int) -> None:
    assert read(("_count", value)).count == count


def test_a_link_of_another_kind_of_list_is_refused() -> None:
    for purpose in ("parked", "unmapped", "pending"):
        link = seal(["Observation", None, [], None, 1, 2, 3], b"secret", purpose)
        with pytest.raises(Problem, match="not made by this server for you and this list") as refused:
            read(("_page", link))
        assert (refused.value.kind.status, refused.value.issues[0].expression) == (400, "_page")
    with pytest.raises(Problem) as refused:
        unseal(page_token(read(), Cursor(1, 2, 3), b"secret"), b"secret", "parked", "page")
    assert refused.value.issues[0].expression == "page"


@pytest.mark.parametrize(
    ("type", "name", "value", "match"),
    [
        ("Patient", "gender", "http://hl7.org/fhir/administrative-gender|male", Match("male\x1f")),
        ("Patient", "gender", "male", Match(None, begins="male\x1f")),
        ("Patient", "gender", "|male", Match("male\x1f")),
        ("Patient", "gender", "http://hl7.org/fhir/administrative-gender|", Match(None, ends="\x1f")),
        ("Observation", "status:not", "http://hl7.org/fhir/observation-status|final", Match("final\x1f")),
    ],
)
def test_a_code_whose_system_its_binding_implies_is_found_with_and_without_it(
    type: str, name: str, value: str, match: Match
) -> None:
    [term] = read((name, value), type=type).terms
    assert isinstance(term, Tokens)
    assert term.matches == (match,)


@pytest.mark.parametrize(
    ("type", "name", "value", "known"),
    [
        (
            "Patient",
            "gender",
            "http://hl7.org/fhir/observation-status|male",
            "http://hl7.org/fhir/administrative-gender",
        ),
        ("Encounter", "meeting", "urn:x|7", "none"),
    ],
)
def test_a_system_whose_codes_cannot_be_there_is_refused(type: str, name: str, value: str, known: str) -> None:
    with pytest.raises(Problem, match=f"no codes of that system here; known are: {known}$") as refused:
        read((name, value), type=type)
    assert (refused.value.kind.status, refused.value.issues[0].expression) == (400, name)
