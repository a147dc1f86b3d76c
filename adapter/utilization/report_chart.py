"""A small chart of a report as SVG 1.1: bars for each week, and a line for what the level of care asks; no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import svg

_WIDTH, _HEIGHT, _LEFT, _FOOT = 420, 130, 30, 16
_SHADES = ("#c9d4e0", "#2f5d8a")
_LEVEL = "#a33"


def bars(
    title: str, weeks: Sequence[str], series: Sequence[tuple[str, Mapping[str, float]]], level: Mapping[str, float]
) -> bytes:
    """One group of bars a week, in the order of `series` (two at most); `level` is a mark across a week."""
    drawn = [*(value for _, values in series for value in values.values()), *level.values()]
    most = max(drawn, default=0) or 1
    step = (_WIDTH - _LEFT) / max(len(weeks), 1)
    scale = (_HEIGHT - 2 * _FOOT) / most
    elements: list[svg.Element] = [_words(4, 10, title)]
    for n, week in enumerate(weeks):
        left = _LEFT + n * step
        for place, (_, values) in enumerate(series):
            elements.append(_bar(left + step * (0.1 + 0.4 * place), step * 0.38, values.get(week, 0) * scale, place))
        if week in level:
            elements.append(_mark(left, left + step, _HEIGHT - _FOOT - level[week] * scale))
        if n % (len(weeks) // 8 + 1) == 0:
            elements.append(_words(left, _HEIGHT - 4, week[5:]))
    elements.append(_words(2, _FOOT + 8, f"{most:g}"))
    return str(svg.SVG(viewBox=svg.ViewBoxSpec(0, 0, _WIDTH, _HEIGHT), elements=elements)).encode()


def _bar(x: float, width: float, height: float, place: int) -> svg.Rect:
    y = _HEIGHT - _FOOT - height
    return svg.Rect(x=round(x, 1), y=round(y, 1), width=round(width, 1), height=round(height, 1), fill=_SHADES[place])


def _mark(left: float, right: float, y: float) -> svg.Line:
    at = round(y, 1)
    return svg.Line(x1=round(left, 1), x2=round(right, 1), y1=at, y2=at, stroke=_LEVEL, stroke_width=1.5)


def _words(x: float, y: float, text: str) -> svg.Text:
    """The library writes a text as it is: these are dates, numbers and words of our own."""
    return svg.Text(x=round(x, 1), y=round(y, 1), text=text, font_size=8, font_family="sans-serif")
