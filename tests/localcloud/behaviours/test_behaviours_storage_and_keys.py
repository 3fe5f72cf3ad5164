"""What the course relies on in Amazon S3, AWS KMS and IAM."""

import hashlib
import json
from base64 import b64encode

import botocore.config
import httpx
import pytest
from botocore.exceptions import ClientError


def _bucket(world):
    s3 = world.client("s3")
    # Names of buckets are shared by all accounts of an engine, as on AWS.
    name = f"cloakroom-{world.account.id}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="coats/17", Body=b"a coat")
    return s3, name


def _presigned(world, bucket: str, version: str, seconds: int) -> str:
    signer = world.plain_client("s3", config=botocore.config.Config(signature_version=version))
    return signer.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "coats/17"}, ExpiresIn=seconds
    )


def test_presigned_url_gives_an_object_to_whoever_has_it(world_in_step):
    _, bucket = _bucket(world_in_step)

    reply = httpx.get(_presigned(world_in_step, bucket, "s3v4", 300))

    assert (reply.status_code, reply.content) == (200, b"a coat")


def _ask_before_and_after_it_expired(world, version: str) -> tuple[int, httpx.Response]:
    _, bucket = _bucket(world)
    url = _presigned(world, bucket, version, 5)
    before = httpx.get(url).status_code
    world.let_pass(7)
    return before, httpx.get(url)


def test_presigned_url_of_version_4_is_refused_after_it_expired(world_in_step):
    before, after = _ask_before_and_after_it_expired(world_in_step, "s3v4")

    assert (before, after.status_code) == (200, 403)
    assert "<Code>AccessDenied</Code>" in after.text


def test_presigned_url_of_version_2_is_refused_after_it_expired(world_in_step):
    before, after = _ask_before_and_after_it_expired(world_in_step, "s3")

    assert (before, after.status_code) == (200, 403)
    assert "<Code>AccessDenied</Code>" in after.text


def test_object_can_be_written_only_if_it_is_new(world):
    s3, bucket = _bucket(world)

    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="coats/17", Body=b"another coat", IfNoneMatch="*")

    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="coats/17")["Body"].read() == b"a coat"


def test_object_whose_checksum_does_not_fit_is_refused(world):
    s3, bucket = _bucket(world)
    of_another = b64encode(hashlib.sha256(b"another coat").digest()).decode()

    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="coats/18", Body=b"a coat", ChecksumSHA256=of_another)

    assert refused.value.response["Error"]["Code"] == "BadDigest"


def test_object_keeps_its_checksum(world):
    s3, bucket = _bucket(world)
    checksum = b64encode(hashlib.sha256(b"a coat").digest()).decode()
    s3.put_object(Bucket=bucket, Key="coats/18", Body=b"a coat", ChecksumSHA256=checksum)

    head = s3.head_object(Bucket=bucket, Key="coats/18", ChecksumMode="ENABLED")

    assert head["ChecksumSHA256"] == checksum


def test_missing_object_is_said_to_be_missing(world):
    s3, bucket = _bucket(world)

    with pytest.raises(ClientError) as missing:
        s3.get_object(Bucket=bucket, Key="coats/none")

    assert missing.value.response["Error"]["Code"] == "NoSuchKey"


LIFECYCLE = {
    "Rules": [
        {
            "ID": "forget",
            "Status": "Enabled",
            "Filter": {"Prefix": "coats/"},
            "Expiration": {"Days": 2},
        }
    ]
}


def test_lifecycle_rules_are_kept(world):
    s3, bucket = _bucket(world)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)

    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]

    assert rules == LIFECYCLE["Rules"]


def test_lifecycle_rules_remove_objects(world):
    s3, bucket = _bucket(world)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)

    world.let_pass(4 * 86400)

    world.eventually(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0)


def test_kms_decrypts_only_in_the_context_it_encrypted_in(world):
    kms = world.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    order = {"order_id": "17"}
    sealed = kms.encrypt(KeyId=key, Plaintext=b"Via Roma 1", EncryptionContext=order)

    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=order)
    assert opened["Plaintext"] == b"Via Roma 1"

    for other in ({"order_id": "18"}, {}):
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=other)


def test_iam_refuses_what_no_policy_allows(world):
    iam, s3 = world.client("iam"), world.client("s3")
    bucket = f"locked-{world.account.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="coats/17", Body=b"a coat")
    s3.put_object(Bucket=bucket, Key="other/17", Body=b"a secret")
    iam.create_user(UserName="reader")
    iam.put_user_policy(
        UserName="reader",
        PolicyName="its-prefix",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{bucket}/coats/*",
                },
            }
        ),
    )
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = world.plain_client(
        "s3",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=botocore.config.Config(s3={"addressing_style": "path"}),
    )

    assert reader.get_object(Bucket=bucket, Key="coats/17")["Body"].read() == b"a coat"
    with pytest.raises(ClientError) as refused:
        reader.get_object(Bucket=bucket, Key="other/17")

    assert refused.value.response["Error"]["Code"] == "AccessDenied"
