"""A history in words: the text alternative of a timeline."""

from __future__ import annotations

from visuals.history import DEATHS, Gone, Hidden, History, Row


def duration(seconds: float) -> str:
    """Write a duration in its two largest units: ``31 s``, ``5 min 10 s``, ``7 d``."""
    whole = int(seconds)
    if whole < 120:
        return f"{whole} s"
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    start = next(i for i, (_, size) in enumerate(units) if whole >= size)
    name, size = units[start]
    smaller, small = units[start + 1] if start < 3 else ("", 1)
    rest = whole % size // small
    return f"{whole // size} {name}" + (f" {rest} {smaller}" if rest else "")


def signed(seconds: float) -> str:
    """Write a time relative to the first call: ``+31 s``."""
    return "+" + duration(seconds)


def ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def note(row: Row) -> tuple[str, str] | None:
    """Return what to remark about a row, as (name of its sign, words); None if all went plainly."""
    outcome = row.first.outcome
    if row.moved_from:
        return None
    if outcome in DEATHS:
        return "fail", f"✕ {outcome} it took effect"
    if outcome == "reply lost":
        return "fail", "✕ done, but reply lost"
    if outcome == "stale":
        return "fail", "✕ out of date"
    if outcome != "ok":
        return "fail", f"✕ {outcome}"
    if row.useless:
        return "fail", "✕ too late: deletes nothing"
    if row.delivery > 1:
        again = "delivered again" if len(row.calls) > 1 else f"{ordinal(row.delivery)} delivery"
        return "again", f"↻ {again}"
    return None


def sentences(history: History) -> tuple[str, ...]:
    """Say what the timeline shows: a summary, then row by row, then what stayed hidden."""
    if not history.rows:
        return ("No calls were recorded.",)
    calls = sum(len(row.calls) for row in history.rows if not row.moved_from)
    last = max(history.seconds(call) for row in history.rows for call in row.calls)
    callers = list(dict.fromkeys(row.caller.name for row in history.rows))
    told = [
        f"{calls} call{'s' if calls != 1 else ''} by {_list(callers)} in {duration(last)}"
        " of emulated time."
    ]
    told += [_row(history, row) for row in history.rows]
    told += [_hidden(history, span) for span in history.hidden]
    if history.left_out:
        told.append(f"{history.left_out} calls that only set things up are not shown.")
    return tuple(told)


def _row(history: History, row: Row) -> str:
    where = _list([f"{lane.kind} {lane.name}" for lane in row.resources])
    if row.moved_from:
        count = row.what if len(row.moved) == 1 else f"{len(row.moved)} messages"
        return f"SQS has moved {count} from {row.moved_from.name} to {where}."
    times = [history.seconds(call) for call in row.calls]
    at = signed(times[0])
    if max(times) > times[0]:
        at = f"from {at} to {signed(max(times))}"
    first, last = min(row.numbers), max(row.numbers)
    number = f"{first}" if first == last else f"{first} to {last}"
    count = f" {len(row.calls)} times" if len(row.calls) > 1 else ""
    turns = ", in turns with others" if row.folded else ""
    about = f": {row.what}" if row.what else ""
    remark = note(row)
    how = f"; {remark[1][2:]}" if remark else ""
    verb = "call" if row.caller.name == "you" else "calls"
    call = f"{row.caller.name} {verb} {row.first.operation}{count} on {where}"
    return f"{number}. {at}: {call}{turns}{about}{how}."


def _hidden(history: History, span: Hidden) -> str:
    start = signed(history.seconds(history.rows[span.start].first))
    ends: dict[str, list[str]] = {}
    for gone in sorted(span.gone, key=lambda gone: gone.end):
        ends.setdefault(_until(history, gone), []).append(gone.name)
    shown = " ".join(row.what for row in history.rows)
    told: list[str] = []
    for until, names in ends.items():
        what = f"{len(names)} messages" if len(names) > 1 else "1 message"
        if len(names) <= 4 and all(name in shown for name in names):
            what = _list(names)
        verb = "is" if len(names) == 1 else "are"
        if until and told:
            told.append(f"{what} until {until}")
        elif until:
            told.append(f"{what} {verb} hidden from {start} until {until}")
        else:
            told.append(f"{what} {verb} received at {start} and not seen to be deleted")
    return "; ".join(told) + "."


def _until(history: History, gone: Gone) -> str:
    """Say what ended it that a message was hidden; "" if that was not seen."""
    if not gone.ended:
        return ""
    end = signed(history.seconds(history.rows[gone.end].first))
    return {
        "deleted": f"deleted at {end}",
        "again": f"received again at {end}",
        "moved": f"moved, which was seen at {end}",
    }.get(gone.ended, "the visibility timeout is over")


def _list(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
