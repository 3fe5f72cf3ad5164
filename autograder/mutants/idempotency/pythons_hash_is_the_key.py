"""A short key from Python's hash(). For texts it is another number in each process: what one execution
environment has noted, the next does not recognise.

Loses: same-event, crash, at-once, notebook
"""


def inbox_key(event):
    return str(hash((event["source"], event["id"])))
