"""What the course relies on in Amazon CloudWatch, AWS CloudFormation and Amazon Kinesis."""

import json


def _alarm(world, **metric) -> str:
    """Make an alarm above 10 that tells a queue through a topic, and return what it tells."""
    world.client("cloudwatch").put_metric_alarm(
        AlarmName="too-many",
        Statistic="Maximum",
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        **metric,
    )


def _state(world) -> str:
    reply = world.client("cloudwatch").describe_alarms(AlarmNames=["too-many"])
    return reply["MetricAlarms"][0]["StateValue"]


def test_alarm_goes_off_on_a_metric_of_ones_own_and_tells(world):
    topic = world.client("sns").create_topic(Name="alarms")["TopicArn"]
    queue = world.queue("pager")
    world.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    metric = {"Namespace": "Pizzeria", "MetricName": "OrdersWaiting"}
    _alarm(world, **metric, Period=10, AlarmActions=[topic])

    world.client("cloudwatch").put_metric_data(
        Namespace=metric["Namespace"],
        MetricData=[{"MetricName": metric["MetricName"], "Value": 12}],
    )

    world.eventually(lambda: _state(world) == "ALARM")
    told = json.loads(world.eventually(queue.bodies)[0])
    assert (told["AlarmName"], told["NewStateValue"]) == ("too-many", "ALARM")


def test_alarm_goes_off_on_the_depth_of_a_queue(world):
    queue = world.queue("orders-dlq")
    _alarm(
        world,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "orders-dlq"}],
        Period=60,
    )
    for number in range(12):
        queue.send(f"order {number}")

    world.within(120, lambda: _state(world) == "ALARM", step=10)


QUEUES = {
    "Parameters": {"Receives": {"Type": "Number"}},
    "Resources": {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "stack-dlq"}},
        "Orders": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": "stack-orders",
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]},
                    "maxReceiveCount": {"Ref": "Receives"},
                },
            },
        },
    },
    "Outputs": {"Url": {"Value": {"Ref": "Orders"}}},
}


def _stack(world, template: dict, **more) -> dict:
    formation = world.client("cloudformation")
    formation.create_stack(StackName="pizzeria", TemplateBody=json.dumps(template), **more)

    def ended() -> dict | None:
        stack = formation.describe_stacks(StackName="pizzeria")["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    stack = world.eventually(ended)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return stack


def test_stack_makes_its_resources_and_tells_its_outputs(world):
    stack = _stack(world, QUEUES, Parameters=[{"ParameterKey": "Receives", "ParameterValue": "3"}])

    url = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}["Url"]
    reply = world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    policy = json.loads(reply["Attributes"]["RedrivePolicy"])
    assert int(policy["maxReceiveCount"]) == 3


def test_stack_takes_its_resources_along_when_it_is_deleted(world):
    _stack(world, QUEUES, Parameters=[{"ParameterKey": "Receives", "ParameterValue": "3"}])

    world.client("cloudformation").delete_stack(StackName="pizzeria")

    world.eventually(lambda: not world.client("sqs").list_queues().get("QueueUrls"))


def test_stack_understands_sam(world):
    table = {
        "Type": "AWS::Serverless::SimpleTable",
        "Properties": {"PrimaryKey": {"Name": "order_id", "Type": "String"}},
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Orders": table},
        "Outputs": {"Table": {"Value": {"Ref": "Orders"}}},
    }
    world.table("unrelated")

    stack = _stack(world, template, Capabilities=["CAPABILITY_AUTO_EXPAND"])

    name = stack["Outputs"][0]["OutputValue"]
    found = world.client("dynamodb").describe_table(TableName=name)["Table"]
    assert found["KeySchema"] == [{"AttributeName": "order_id", "KeyType": "HASH"}]


def _read(world, shard: str) -> list[str]:
    kinesis = world.client("kinesis")
    iterator = kinesis.get_shard_iterator(
        StreamName="orders", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    return [record["Data"].decode() for record in records]


def test_kinesis_keeps_the_order_of_a_partition_key_and_can_be_read_again(world):
    kinesis = world.client("kinesis")
    with world.needing("a download"):
        kinesis.create_stream(StreamName="orders", ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(
        StreamName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )

    shards = {
        kinesis.put_record(StreamName="orders", PartitionKey="ada", Data=f"ada {n}".encode())[
            "ShardId"
        ]
        for n in range(3)
    }

    assert len(shards) == 1
    shard = shards.pop()
    told = world.eventually(lambda: _read(world, shard), lambda told: len(told) == 3)
    assert told == ["ada 0", "ada 1", "ada 2"]
    assert _read(world, shard) == told, "reading takes nothing away"
