"""Coats expire after four days, for which SQS keeps a message by default. This queue, or its
dead-letter queue, may keep it for fourteen.

Loses: cloakroom, notebook
"""

EXPIRY = {
    "ID": "expire-coats",
    "Status": "Enabled",
    "Filter": {"Prefix": COATS},
    "Expiration": {"Days": 4},
}
