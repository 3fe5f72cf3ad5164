"""Source and id are put in a row, the id first, because every source begins with a slash. An id may have
slashes, too.

Loses: same-event, notebook
"""


def inbox_key(event):
    return event["id"] + event["source"]
