"""The rule is put without a look at what is there: the call is called put, not replace.

Loses: cloakroom, notebook
"""


def create_cloakroom(bucket):
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [EXPIRY]})
