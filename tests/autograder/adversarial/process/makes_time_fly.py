"""Tells the grader itself how long it has slept: for ages, for no time, backwards.

Told: asked for a sleep that is none
"""

AGES = ("1e308", "1e999")
NONE = ("-1.0", "0.0", "NaN", '"1"', "[]", "true", "7")


def say(seconds):
    request = json.dumps(wire()._request)
    os.write(3, f'{{"id": {request}, "sleep": {seconds}, "number": 1}}\n'.encode())


def create_queues(prefix):
    say("0.0")


def handler(event, context):
    for seconds in (*AGES, *NONE):
        say(seconds)
