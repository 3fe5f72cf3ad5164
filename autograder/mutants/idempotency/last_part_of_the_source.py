"""The last part of a source is enough to tell website and telephone apart. There may be a telephone in
Rome, too.

Loses: same-event, notebook
"""


def inbox_key(event):
    channel = event["source"].rsplit("/", 1)[-1]
    return f"{channel}#{event['id']}"
