"""The key is source and id in base64. Both may have 1,000 bytes, of which base64 makes more than the 2,048
that a key may have.

Loses: same-event, notebook
"""

import base64


def inbox_key(event):
    return base64.b64encode(f"{event['source']} {event['id']}".encode()).decode()
