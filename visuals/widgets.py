"""The playground of the visibility timeout."""

from __future__ import annotations

from collections.abc import Sequence

from visuals.evenings import evening_picture
from visuals.knobs import Knob, Playground

_FINE = range(5, 121, 5)  # seconds


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
