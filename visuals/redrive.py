"""What a redrive does to a queue, its consumers and whatever they call, worked out step by step.

The model of a page's experiment, for pictures that must answer at once; the tests hold it to a
running engine. Lambda begins with five invocations and adds up to 300 a minute, see
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from __future__ import annotations

from dataclasses import dataclass

from visuals.charts import line_chart
from visuals.knobs import Knob, Playground
from visuals.picture import Picture

STEP = 5  # seconds: the time that one batch takes
BATCH, FIRST, MORE = 10, 5, 25  # messages in a batch; invocations at first, and added a step
LOAN, RECEIVES = 30, 3  # visibility timeout in seconds; receives before the dead-letter queue


@dataclass(frozen=True)
class Moment:
    """What is seen at the end of a step that began at ``now`` (seconds)."""

    now: int
    asked: int  # work asked of whatever the consumers call, in this step
    backlog: int  # messages in the queue, waiting and in flight
    dead: int  # messages in the dead-letter queue
    victims: int  # those of them that are new: they were not redriven
    waited: int  # seconds that the longest-waiting new message had waited when it was done


@dataclass
class _Message:
    new: bool
    sent: int
    visible_at: int
    receives: int = 0


def simulate(
    velocity: int,
    concurrency: int,
    letters: int = 200,
    new: int = 8,
    limit: int = 20,
    seconds: int = 200,
) -> list[Moment]:
    """Redrive ``letters`` at ``velocity`` a second into a queue where ``new`` arrive in each step.

    At most ``limit`` messages succeed in a step; the others come again after the loan. Each of at
    most ``concurrency`` invocations works off a batch in a step. Raises ValueError for numbers
    below 1.
    """
    if min(velocity, concurrency, letters, new, limit, seconds) < 1:
        raise ValueError("Every number of a redrive must be at least 1.")
    queue: list[_Message] = []
    moments: list[Moment] = []
    moved = dead = victims = 0
    invocations = min(FIRST, concurrency)
    for now in range(0, seconds, STEP):
        end = now + STEP
        queue += [_Message(True, now, now) for _ in range(new)]
        due = min(letters, 1 + end * velocity)
        queue += [_Message(False, end, end) for _ in range(due - moved)]
        moved = due
        asked = waited = 0
        more = True
        for _ in range(invocations):
            lost = [m for m in queue if m.visible_at <= end and m.receives >= RECEIVES]
            dead += len(lost)
            victims += sum(m.new for m in lost)
            queue = [m for m in queue if m not in lost] if lost else queue
            batch = [m for m in queue if m.visible_at <= end][:BATCH]
            for message in batch:
                asked += 1
                message.receives += 1
                message.visible_at = end + LOAN
                if asked <= limit:
                    queue = [m for m in queue if m is not message]
                    waited = max(waited, now - message.sent if message.new else 0)
            if len(batch) < BATCH:
                more = False
                break
        invocations = min(invocations + MORE if more else FIRST, concurrency)
        still = letters - moved + dead
        moments.append(Moment(now, asked, len(queue), still, victims, waited))
    return moments


def redrive_picture(velocity: int, concurrency: int) -> Picture:
    """Draw both queues over time: the letters leave one, and come back to it if they must."""
    moments = simulate(velocity, concurrency)
    left, victims = moments[-1].dead, moments[-1].victims
    asked = max(m.asked for m in moments) / STEP
    waited = max(m.waited for m in moments)
    told = (
        f"The bank is asked for up to {asked:.0f} charges a second and does 4; a new order waits "
        f"up to {waited} s. "
    )
    told += (
        f"{left} letters are dead at the end, {victims} of them tonight's orders."
        if left
        else "No letter is left."
    )
    letter = "letter" if velocity == 1 else "letters"
    return line_chart(
        {
            "dead letters": [(m.now + STEP, m.dead) for m in moments],
            "backlog": [(m.now + STEP, m.backlog) for m in moments],
        },
        x="seconds since the redrive began",
        y="messages",
        title=f"{velocity} {letter} a second, at most {concurrency} invocations",
        caption=told,
        width=340,
    )


def redrive_playground() -> Playground:
    """Let the reader set both valves: the speed of the redrive, and the consumers' concurrency."""
    return Playground(
        "two valves",
        redrive_picture,
        Knob("velocity", "Redrive", (1, 2, 5, 20, 500), 500, "a second", (3, 4, 10, 50, 100)),
        Knob("concurrency", "Maximum concurrency", (2, 3, 10, 1000), 1000, "", (4, 5, 20, 100)),
    )
