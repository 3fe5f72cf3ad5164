"""How often a chain of services answers: availability multiplied, link by link."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul

from visuals.canvas import Canvas
from visuals.knobs import Knob, Playground
from visuals.picture import Picture
from visuals.theme import SMALL

MINUTES_A_MONTH = 30 * 24 * 60
_WIDTH, _LEFT, _RIGHT = 340, 96, 268
_ROW = 24


def chain_playground(
    services: int = 5,
    percent: float = 99.0,
    lengths: Sequence[int] = (1, 2, 3, 5, 8),
    percents: Sequence[float] = (99.0, 99.9, 99.99),
) -> Playground:
    """Let the reader set how many services a request needs, and how often each of them answers."""
    return Playground(
        "availability of a chain",
        chain_picture,
        Knob("services", "Services in the chain", lengths, services, "", range(1, 13)),
        Knob("percent", "Each answers", percents, percent, "%", (95, 98, 99.5, 99.95)),
    )


def chain_availability(services: int, percent: float) -> list[float]:
    """Return the availability in percent after each of the services, all of which must answer.

    Each fails on its own: what they share, such as a database or a Region, makes it worse.
    Raises ValueError unless there is a service and 0 <= percent <= 100.
    """
    if services < 1 or not 0 <= percent <= 100:
        raise ValueError("Give at least one service, and a percentage from 0 to 100.")
    return [share * 100 for share in accumulate([percent / 100] * services, mul)]


def chain_picture(services: int, percent: float) -> Picture:
    """Draw a bar for each link: how much of a month nothing comes through up to there."""
    after = chain_availability(services, percent)
    down = [MINUTES_A_MONTH * (100 - share) / 100 for share in after]
    pen = Canvas()
    pen.text(8, 16, "after service", "small muted")
    pen.text(_LEFT, 16, "no answer, in a month of 30 days", "small muted")
    y = 26.0
    for i, (share, minutes) in enumerate(zip(after, down, strict=True), 1):
        length = (_RIGHT - _LEFT) * minutes / down[-1] if down[-1] else 0
        sign = "fail" if i == services else "call"
        pen.text(12, y + 15, str(i), "strong")
        pen.text(_LEFT - 8, y + 15, f"{_percent(share)} %", "small muted end")
        pen.rect(_LEFT, y + 4, max(length, 1), 14, f"{sign}-fill", 1)
        pen.text(_LEFT + length + 5, y + 15, _time(minutes), "small strong")
        y += _ROW
    each = _time(MINUTES_A_MONTH * (100 - percent) / 100)
    noun = "service" if services == 1 else "services"
    summary = (
        f"{services} {noun}, each answering {percent:g} % of the time: a caller who needs"
        f" all of them gets an answer {_percent(after[-1])} % of the time. One alone is silent for"
        f" {each} in a month, the chain for {_time(down[-1])}."
    )
    told = [
        f"After service {i}: {_percent(share)} %, {_time(minutes)} a month without an answer."
        for i, (share, minutes) in enumerate(zip(after, down, strict=True), 1)
    ]
    title = f"{services} {noun}, {percent:g} % each"
    return Picture(title, summary, (summary, *told), str(pen), _WIDTH, y + SMALL)


def _percent(share: float) -> str:
    """Write an availability with as many digits as tell it from 100."""
    return f"{share:.4g}" if share < 99.9 else f"{share:.3f}".rstrip("0").rstrip(".")


def _time(minutes: float) -> str:
    """Write a duration in the unit that a person would use."""
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h"
