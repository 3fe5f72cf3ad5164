"""An evening in the kitchen: what was cooked when, how long it was hidden, and a playground of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from visuals.canvas import Canvas, text_width
from visuals.charts import thinned, ticks, written
from visuals.knobs import Knob, Playground
from visuals.picture import Picture
from visuals.theme import SMALL
from visuals.visibility import Delivery, Evening, simulate

_LEFT, _RIGHT = 66, 325  # the time axis, in pixels: the picture fits a phone
_ROW = 38
_FINE = range(5, 121, 5)  # seconds


def evening_picture(
    timeout: int, processing: int, orders: int = 3, kitchens: int = 2, max_receives: int = 3
) -> Picture:
    """Draw what ``simulate`` works out: for each delivery the cooking, and below it the hiding."""
    evening = simulate(timeout, processing, orders, kitchens, max_receives)
    last = max(d.end for d in evening.deliveries)
    marks = ticks(0, last)
    pen = Canvas()

    def at(seconds: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * seconds / marks[-1]

    rows = [(order, _of(evening, order)) for order in range(1, orders + 1)]
    count = sum(len(deliveries) for _, deliveries in rows)
    bottom = 8 + count * _ROW + 18 * len(evening.dead_letters) + 8 * orders
    for mark in marks:
        pen.line(at(mark), 4, at(mark), bottom, "grid" if mark else "lane")
    y = 8.0
    for order, deliveries in rows:
        pen.text(_LEFT - 8, y + 24, f"order {order}", "strong small end")
        for delivery in deliveries:
            _draw_delivery(pen, at, delivery, y)
            y += _ROW
        if order in evening.dead_letters:
            when = evening.dead_letters[order]
            _write(pen, at(when), y + 10, f"✕ dead-letter queue at {when} s", "fail")
            y += 18
        y += 8
    pen.line(_LEFT, bottom, _RIGHT, bottom, "lane")
    for mark in thinned(marks, _RIGHT - _LEFT):
        pen.text(at(mark), bottom + 15, written(mark), "small muted center")
    pen.text((_LEFT + _RIGHT) / 2, bottom + 31, "seconds", "small muted center")
    y = bottom + 52
    for x, sign, text in ((8, "call-fill", "cooking"), (96, "again-fill", "cooking again")):
        pen.rect(x, y - 9, 16, 9, sign, 1)
        pen.text(x + 22, y, text, "small muted")
    pen.rect(220, y - 8, 16, 6, "hidden-bar", 1)
    pen.text(242, y, "hidden", "small muted")
    title = f"Visibility timeout {timeout} s, processing time {processing} s"
    told = (_summary(evening, orders, kitchens), *_sentences(evening, rows))
    return Picture(title, told[0], told, str(pen), 340, y + 8)


def _of(evening: Evening, order: int) -> list[Delivery]:
    return [delivery for delivery in evening.deliveries if delivery.order == order]


def _draw_delivery(pen: Canvas, at: Callable[[float], float], delivery: Delivery, y: float) -> None:
    start, end = at(delivery.start), at(delivery.end)
    hidden = min(delivery.hidden_until, delivery.end if delivery.deleted else 10**9)
    words = f"kitchen {delivery.kitchen}"
    words += " cooks it again" if delivery.nth > 1 else ""
    words += "" if delivery.deleted else ", too late to delete"
    _write(pen, start, y + 10, words, "again" if delivery.nth > 1 else "ink")
    sign = "again-fill" if delivery.nth > 1 else "call-fill"
    pen.rect(start, y + 14, max(end - start, 2), 9, sign, 1)
    pen.rect(start, y + 25, max(min(at(hidden), _RIGHT) - start, 2), 6, "hidden-bar", 1)


def _write(pen: Canvas, x: float, y: float, text: str, sign: str) -> None:
    """Write from x on, or as far left as the picture's edge makes it."""
    furthest = _RIGHT + 10 - text_width(text, SMALL)
    pen.text(max(min(x, furthest), 4), y, text, f"small {sign} halo")


def _summary(evening: Evening, orders: int, kitchens: int) -> str:
    cooked, again, dead = len(evening.deliveries), evening.duplicates, len(evening.dead_letters)
    told = f"{_count(orders, 'order')}, {_count(kitchens, 'kitchen')}: {_count(cooked, 'pizza')}"
    told += f" cooked, {again} too many" if again else " cooked, none twice"
    return told + (f"; {_count(dead, 'order')} in the dead-letter queue." if dead else ".")


def _sentences(evening: Evening, rows: list[tuple[int, list[Delivery]]]) -> list[str]:
    told = []
    for order, deliveries in rows:
        for d in deliveries:
            hidden = min(d.hidden_until, d.end) if d.deleted else d.hidden_until
            done = "and deletes it" if d.deleted else "too late to delete it"
            told.append(
                f"Order {order}, delivery {d.nth}: kitchen {d.kitchen} cooks from {d.start} s to"
                f" {d.end} s, {done}; it is hidden until {hidden} s."
            )
        if order in evening.dead_letters:
            when = evening.dead_letters[order]
            told.append(f"Order {order} goes to the dead-letter queue at {when} s.")
    return told


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def visibility_playground(
    timeout: int = 30,
    processing: int = 45,
    orders: int = 3,
    kitchens: int = 2,
    max_receives: int = 3,
    timeouts: Sequence[int] = (15, 30, 60, 90),
    processings: Sequence[int] = (10, 25, 45, 80),
) -> Playground:
    """Let the reader set processing time against visibility timeout, and see what is cooked twice.

    The first five say how it opens. ``timeouts`` and ``processings`` are the settings (seconds)
    offered where no kernel runs.
    """
    timeouts, processings = sorted({timeout, *timeouts}), sorted({processing, *processings})
    return Playground(
        "processing time against visibility timeout",
        evening_picture,
        Knob("timeout", "Visibility timeout", timeouts, timeout, "s", _FINE),
        Knob("processing", "Processing time", processings, processing, "s", _FINE),
        Knob("orders", "Orders", [orders], orders, fine=range(1, 7)),
        Knob("kitchens", "Kitchens", [kitchens], kitchens, fine=range(1, 5)),
        Knob("max_receives", "Most receives", [max_receives], max_receives, fine=range(1, 6)),
    )
