"""The rule has no prefix: the example in the manual has none, and the bucket is the cloakroom's,
is it not?

Loses: cloakroom, notebook
"""

EXPIRY = {
    "ID": "expire-coats",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Days": 15},
}
