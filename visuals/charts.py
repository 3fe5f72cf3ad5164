"""Charts of what was measured: lines over an axis, and bars side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from visuals.canvas import Canvas, text_width, wrap
from visuals.picture import PHONE, Picture
from visuals.theme import LINE, NORMAL, SMALL

# Each series has a colour, a dash and a mark of its own, so that colour is never the only sign.
_SERIES = (
    ("call", "", "circle"),
    ("hidden", "dashed", "square"),
    ("again", "dotted", "diamond"),
    ("ink", "", "square"),
    ("fail", "dashed", "diamond"),
)


def line_chart(
    series: Mapping[str, Sequence[tuple[float, float]]],
    x: str,
    y: str,
    title: str,
    caption: str | None = None,
    width: int = 460,
    height: int = 260,
    from_zero: bool = True,
) -> Picture:
    """Draw each series of (x, y) points as a line with its name at its end.

    A phone, whose screen ends before that, shows the names below a wide chart, too.
    The y axis starts at zero unless ``from_zero`` is false, for changes that would not be seen.
    ``x`` and ``y`` say what the axes measure, with the unit. At most five series; more, or a series
    without points, raise ValueError.
    """
    lines = {name: sorted(points) for name, points in series.items()}
    if not lines or not all(lines.values()) or len(lines) > len(_SERIES):
        raise ValueError(f"A line chart takes one to {len(_SERIES)} series, each with points.")
    points = [point for line in lines.values() for point in line]
    x_ticks = ticks(min(p[0] for p in points), max(p[0] for p in points))
    heights = [p[1] for p in points] + [0.0] * from_zero
    y_ticks = ticks(min(heights), max(heights))
    left = max(text_width(written(v), SMALL) for v in y_ticks) + 14
    names = max(text_width(name, SMALL, bold=True) for name in lines) + 16
    right, top, bottom = width - names, 34, height - 42
    if right - left < 120:
        raise ValueError("The names of the series leave no room; shorten them or widen the chart.")

    def at(point: tuple[float, float]) -> tuple[float, float]:
        across = (point[0] - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])
        up = (point[1] - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return left + across * (right - left), bottom - up * (bottom - top)

    pen = Canvas()
    pen.text(8, 16, y, "small muted")
    for value in y_ticks:
        height_of = at((x_ticks[0], value))[1]
        pen.line(left, height_of, right, height_of, "grid" if value else "lane")
        pen.text(left - 6, height_of + 4, written(value), "small muted end")
    for value in thinned(x_ticks, right - left):
        across = at((value, y_ticks[0]))[0]
        pen.line(across, bottom, across, bottom + 4, "lane")
        pen.text(across, bottom + 17, written(value), "small muted center")
    pen.text((left + right) / 2, bottom + 34, x, "small muted center")
    ends = _spread([at(line[-1])[1] for line in lines.values()], top - 8, bottom)
    for (name, line), (sign, dash, mark), end in zip(lines.items(), _SERIES, ends, strict=False):
        pen.polyline([at(p) for p in line], f"{sign}-line {dash}".strip())
        for point in line if len(line) <= 25 else ():
            _mark(pen, *at(point), mark, sign)
        last = at(line[-1])
        pen.line(last[0] + 4, last[1], right + 8, end, f"{sign}-line leader")
        pen.text(right + 11, end + 4, name, f"small strong {sign}")
    if width > PHONE:
        legend, height = _legend(list(lines), height)
        pen.element("g", "phone", legend)
    told = [f"A line chart of {y} over {x}."]
    told += [_line_in_words(name, line) for name, line in lines.items()]
    return Picture(title, caption, tuple(told), str(pen), width, height)


def bar_chart(
    values: Mapping[str, float | Mapping[str, float]],
    y: str,
    title: str,
    caption: str | None = None,
    width: int = 340,
) -> Picture:
    """Draw a bar for each value, its name above it and its number at its end; fits a phone.

    ``values`` is {name: number}, or {group: {name: number}} with the same names in every group.
    ``y`` says what is measured, with the unit. Raises ValueError if there is nothing to draw, or
    for a number below zero.
    """
    groups = {k: v if isinstance(v, Mapping) else {k: v} for k, v in values.items()}
    numbers = [v for group in groups.values() for v in group.values()]
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    nested = any(isinstance(v, Mapping) for v in values.values())
    if not numbers or min(numbers) < 0 or (nested and len(names) > len(_SERIES)):
        raise ValueError(
            f"A bar chart takes numbers from zero up, and at most {len(_SERIES)} in a group."
        )
    room = width - 24 - max(text_width(written(v), NORMAL, bold=True) for v in numbers)
    pen = Canvas()
    pen.text(8, 16, y, "small muted")
    at = 26.0
    for name, group in groups.items():
        if nested:
            pen.text(8, at + 13, name, "strong")
            at += 20
        for bar, value in group.items():
            sign = _SERIES[names.index(bar)][0] if nested else "call"
            for line in wrap(bar, width - 16, NORMAL):
                pen.text(8, at + 11, line, "small" if nested else "")
                at += LINE
            length = room * value / (max(numbers) or 1)
            pen.rect(8, at, max(length, 1.5), 14, f"{sign}-fill", 1)
            pen.text(14 + length, at + 12, written(value), "strong")
            at += 23
        at += 6 if nested else 0
    told = [f"A bar chart of {y}."]
    for name, group in groups.items():
        bars = ", ".join(f"{bar} {written(value)}" for bar, value in group.items())
        told.append(f"{name}: {bars}." if nested else f"{bars}.")
    return Picture(title, caption, tuple(told), str(pen), width, at + 4)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers at equal steps that enclose low and high."""
    span = (high - low) or abs(high) or 1.0
    power = 10 ** math.floor(math.log10(span / about))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if span / (m * power) <= about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, max(last, first + 1) + 1)]


def written(value: float) -> str:
    """Write a measured number: at most four digits that count, thousands apart."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.4g}"


def thinned(values: list[float], room: float) -> list[float]:
    """Leave out every other number where they would touch."""
    widest = max(text_width(written(v), SMALL) for v in values) + 8
    return values if widest * len(values) <= room else values[::2]


def _spread(wanted: list[float], top: float, bottom: float) -> list[float]:
    """Move the heights apart until a line of text fits on each, staying as close as can be."""
    placed = list(wanted)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    for before, i in zip([None, *order], order, strict=False):
        placed[i] = max(placed[i], top if before is None else placed[before] + LINE)
    limit = bottom
    for i in reversed(order):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - LINE
    return placed


def _legend(names: list[str], top: int) -> tuple[str, int]:
    """Draw the names in rows that a phone shows whole; return them and where they end."""
    pen = Canvas()
    x, y = 8.0, top + 12
    for name, (sign, dash, mark) in zip(names, _SERIES, strict=False):
        width = 30 + text_width(name, SMALL, bold=True)
        if x > 8 and x + width > PHONE:
            x, y = 8.0, y + LINE
        pen.line(x, y - 4, x + 24, y - 4, f"{sign}-line {dash}".strip())
        _mark(pen, x + 12, y - 4, mark, sign)
        pen.text(x + 30, y, name, f"small strong {sign}")
        x += width + 14
    return str(pen), y + 8


def _mark(pen: Canvas, x: float, y: float, mark: str, sign: str) -> None:
    if mark == "circle":
        pen.element("circle", f"{sign}-fill", cx=x, cy=y, r=3)
    elif mark == "square":
        pen.rect(x - 2.7, y - 2.7, 5.4, 5.4, f"{sign}-fill")
    else:
        pen.polyline([(x, y - 4), (x + 4, y), (x, y + 4), (x - 4, y)], f"{sign}-fill")


def _line_in_words(name: str, line: list[tuple[float, float]]) -> str:
    def parts() -> Iterator[str]:
        yield f"{name}: from {written(line[0][1])} at {written(line[0][0])}"
        yield f"to {written(line[-1][1])} at {written(line[-1][0])}"
        inner = line[1:-1]
        for word, extreme in (("highest", max), ("lowest", min)):
            at = extreme(line, key=lambda point: point[1])
            if at in inner and at[1] not in (line[0][1], line[-1][1]):
                yield f"({word} {written(at[1])} at {written(at[0])})"

    return " ".join(parts()) + "."
