"""Has an answer ready in the socket before the first question is put.

Told: sent a reply to a question that it was not asked
"""

os.write(3, b'{"id": "0", "kind": "returned", "value": {}}\n')
