"""The inbox's key is the event's id alone. Website and telephone each count from 1, and one of them earns
nothing.

Loses: same-event, notebook
"""


def inbox_key(event):
    return event["id"]
