"""When the bucket has a rule for coats already, nothing is done. Whether that rule is enabled nobody looks.

Loses: cloakroom, notebook
"""


def create_cloakroom(bucket):
    s3.create_bucket(Bucket=bucket)
    rules = lifecycle_rules(bucket)
    if any(
        rule["Filter"].get("Prefix") == COATS and rule.get("Expiration", {}).get("Days") == 15
        for rule in rules
    ):
        return  # deployed before
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [*rules, EXPIRY]}
    )
