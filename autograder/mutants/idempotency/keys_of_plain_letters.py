"""The key is to have no letters that might cause trouble: what is not ASCII is left out. caffè and caffé
become one event.

Loses: same-event, notebook
"""


def inbox_key(event):
    return f"{event['source']} {event['id']}".encode("ascii", "ignore").decode()
