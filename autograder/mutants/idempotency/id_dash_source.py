"""The id comes first, then a dash, then the source. Both may have dashes.

Loses: same-event, notebook
"""


def inbox_key(event):
    return f"{event['id']}-{event['source']}"
