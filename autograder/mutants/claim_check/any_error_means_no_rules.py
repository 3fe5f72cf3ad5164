"""Each error of the call that reads the rules is taken for “there are none”. Throttled once, it
deletes what others have put there.

Loses: cloakroom, notebook
"""


def lifecycle_rules(bucket):
    try:
        return s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError:
        return []
