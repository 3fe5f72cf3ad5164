"""The rules of others are written anew with what a rule is thought to have. One that lets nothing
expire, such as a transition to a cheaper storage class, is lost.

Loses: cloakroom, notebook
"""

_lifecycle_rules = lifecycle_rules


def lifecycle_rules(bucket):
    names = ("ID", "Status", "Filter", "Expiration")
    return [
        {name: rule[name] for name in names if name in rule}
        for rule in _lifecycle_rules(bucket)
        if "Expiration" in rule
    ]
