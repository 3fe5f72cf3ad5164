"""The rule is there, and disabled: to be switched on after the tests, which nobody does.

Loses: cloakroom, notebook
"""

EXPIRY = {
    "ID": "expire-coats",
    "Status": "Disabled",
    "Filter": {"Prefix": COATS},
    "Expiration": {"Days": 15},
}
