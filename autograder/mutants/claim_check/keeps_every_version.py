"""Versioning is switched on, so that nobody can overwrite a coat. It is switched on for everything else in the
bucket, too, and coats that expire stay as old versions, for ever.

Loses: cloakroom, notebook
"""


def create_cloakroom(bucket):
    s3.create_bucket(Bucket=bucket)
    # So that nobody can ever overwrite a coat that somebody holds a claim for.
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    others = [rule for rule in lifecycle_rules(bucket) if rule.get("ID") != EXPIRY["ID"]]
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [*others, EXPIRY]}
    )
