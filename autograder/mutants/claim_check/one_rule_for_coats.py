"""Puts its rule in the place of every rule for coats/. One of them was somebody else's, which ends uploads
that were never finished.

Loses: cloakroom, notebook
"""


def create_cloakroom(bucket):
    s3.create_bucket(Bucket=bucket)
    others = [
        rule for rule in lifecycle_rules(bucket) if rule.get("Filter", {}).get("Prefix") != COATS
    ]
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [*others, EXPIRY]}
    )
