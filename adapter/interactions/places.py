"""Where in the request something stands: paths within a resource become paths within what was sent."""

from __future__ import annotations

from dataclasses import replace

from adapter.problems import Problem


def within(source: str, type: str, expression: str | None) -> str | None:
    """A path from a type ("Patient.name") as one from its place in the request ("Bundle.entry[0].resource.name")."""
    if not source:
        return expression
    inside = (expression or "").removeprefix(type)
    return source + (inside if inside.startswith(".") or not inside else f".{inside}")


def placed(problem: Problem, source: str, type: str) -> Problem:
    """The Problem with its expressions starting at a place in the request instead of at the type."""
    problem.issues = tuple(replace(i, expression=within(source, type, i.expression)) for i in problem.issues)
    return problem


def at(problem: Problem, place: str) -> Problem:
    """The Problem of what stands in one text of the request, an address say."""
    problem.issues = tuple(replace(issue, expression=place) for issue in problem.issues)
    return problem
