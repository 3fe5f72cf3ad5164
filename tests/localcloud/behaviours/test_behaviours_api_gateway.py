"""What the course relies on in Amazon API Gateway: REST, HTTP and WebSocket APIs."""

import json

import httpx
import pytest
import websocket
from botocore.exceptions import ClientError

ANSWERS = """
    import json

    def handler(event, context):
        order = json.loads(event["body"])
        return {"statusCode": 202, "body": json.dumps({"accepted": order["order_id"]})}
"""
# Tells the queue that its environment names who connected, and what was said.
TELLS = """
    import json, os
    import boto3

    def handler(event, context):
        told = {
            "route": event["requestContext"]["routeKey"],
            "connection": event["requestContext"]["connectionId"],
            "body": event.get("body"),
        }
        boto3.client("sqs").send_message(
            QueueUrl=os.environ["REPORT_TO"], MessageBody=json.dumps(told)
        )
        return {"statusCode": 200}
"""


def _url(world, api: str, path: str, stage: str = "live") -> str:
    return f"{world.cloud.endpoint_url}/_aws/execute-api/{api}/{stage}{path}"


def _rest(world, integration: dict) -> str:
    """Make a REST API with POST /orders and return its id."""
    gateway = world.client("apigateway")
    api = gateway.create_rest_api(name="pizzeria")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    orders = gateway.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
    post = {"restApiId": api, "resourceId": orders, "httpMethod": "POST"}
    gateway.put_method(**post, authorizationType="NONE")
    gateway.put_method_response(**post, statusCode="202")
    gateway.put_integration(**post, integrationHttpMethod="POST", **integration)
    if integration["type"] == "AWS":
        gateway.put_integration_response(
            **post,
            statusCode="202",
            responseTemplates={"application/json": '{"accepted": true}'},
        )
    gateway.create_deployment(restApiId=api, stageName="live")
    return api


def test_rest_api_puts_a_request_into_a_queue_without_code(world):
    queue = world.queue()
    template = "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"
    api = _rest(
        world,
        {
            "type": "AWS",
            "uri": f"arn:aws:apigateway:us-east-1:sqs:path/{world.account.id}/orders",
            "credentials": world.role,
            "requestParameters": {
                "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
            },
            "requestTemplates": {"application/json": template},
        },
    )

    reply = httpx.post(_url(world, api, "/orders"), json={"order_id": "17"})

    assert (reply.status_code, reply.json()) == (202, {"accepted": True})
    assert [json.loads(body) for body in queue.bodies()] == [{"order_id": "17"}]


def _invocation(function: str) -> str:
    path = f"2015-03-31/functions/{function}/invocations"
    return f"arn:aws:apigateway:us-east-1:lambda:path/{path}"


def test_rest_api_hands_a_request_to_a_function(world):
    function = world.function(ANSWERS)
    api = _rest(world, {"type": "AWS_PROXY", "uri": _invocation(function)})

    reply = httpx.post(_url(world, api, "/orders"), json={"order_id": "17"}, timeout=30)

    assert (reply.status_code, reply.json()) == (202, {"accepted": "17"})


def _api_v2(world, protocol: str, routes: list[str], source: str, **more) -> str:
    gateway = world.client("apigatewayv2")
    selection = {} if protocol == "HTTP" else {"RouteSelectionExpression": "$request.body.action"}
    api = gateway.create_api(Name="pizzeria", ProtocolType=protocol, **selection)["ApiId"]
    function = world.function(source, Timeout=30, **more)
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationMethod="POST",
        IntegrationUri=function if protocol == "HTTP" else _invocation(function),
        **({"PayloadFormatVersion": "2.0"} if protocol == "HTTP" else {}),
    )["IntegrationId"]
    for route in routes:
        gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api, StageName="live", AutoDeploy=True)
    return api


def test_http_api_hands_a_request_to_a_function(world):
    api = _api_v2(world, "HTTP", ["POST /orders"], ANSWERS)

    reply = httpx.post(_url(world, api, "/orders"), json={"order_id": "17"}, timeout=30)

    assert (reply.status_code, reply.json()) == (202, {"accepted": "17"})


def test_websocket_api_connects_speaks_both_ways_and_notices_who_left(world):
    replies = world.queue("replies")
    routes = ["$connect", "$default", "$disconnect"]
    report_to = {"Variables": {"REPORT_TO": replies.url}}
    api = _api_v2(world, "WEBSOCKET", routes, TELLS, Environment=report_to)
    management = world.plain_client("apigatewaymanagementapi", endpoint_url=_url(world, api, ""))

    def told() -> dict:
        return json.loads(world.eventually(lambda: replies.bodies(at_most=1))[0])

    customer = websocket.create_connection(_url(world, api, "").replace("http:", "ws:"), timeout=30)
    try:
        hello = told()
        assert hello["route"] == "$connect"

        customer.send('{"action": "watch", "order_id": "17"}')
        said = told()
        assert (said["route"], said["connection"]) == ("$default", hello["connection"])

        management.post_to_connection(ConnectionId=hello["connection"], Data=b"cooked")
        assert customer.recv() in ("cooked", b"cooked")
    finally:
        customer.close()

    assert told()["route"] == "$disconnect"
    with pytest.raises(ClientError) as gone:
        management.post_to_connection(ConnectionId=hello["connection"], Data=b"delivered")
    assert gone.value.response["Error"]["Code"] == "GoneException"
