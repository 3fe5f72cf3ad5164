"""The key is a list in JSON, which keeps source and id apart. It writes an emoji of 4 bytes in 12 letters,
and a key may have no more than 2,048 bytes.

Loses: same-event, notebook
"""


def inbox_key(event):
    return json.dumps([event["source"], event["id"]])
