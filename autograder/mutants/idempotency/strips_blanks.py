"""Strings are stripped when they are read, as Pydantic's str_strip_whitespace does, so the ids “11” and
“11 ” are one.

Loses: same-event, notebook
"""


def inbox_key(event):
    return f"{event['source'].strip()} {event['id'].strip()}"
