"""Uses another world's key, its token's account, its queue by URL and by ARN, and a role of it.

Told: REFUSED
"""

other = FACTS["account"]
queue = f"{os.environ['AWS_ENDPOINT_URL']}/{other}/private"
arn = f"arn:aws:sqs:us-east-1:{other}:private"
sqs, sts = boto3.client("sqs"), boto3.client("sts")
as_other = boto3.client("sqs", aws_access_key_id=other, aws_secret_access_key="x")
with_token = boto3.client(
    "sqs", aws_access_key_id=other, aws_secret_access_key="x", aws_session_token=TOKEN
)
attempt(lambda: as_other.list_queues()["QueueUrls"])
attempt(lambda: with_token.list_queues()["QueueUrls"])
attempt(lambda: sqs.receive_message(QueueUrl=queue)["Messages"])
attempt(lambda: sqs.get_queue_url(QueueName="private", QueueOwnerAWSAccountId=other))
attempt(lambda: sqs.start_message_move_task(SourceArn=arn))
attempt(lambda: sts.assume_role(RoleArn=f"arn:aws:iam::{other}:role/r", RoleSessionName="session"))
