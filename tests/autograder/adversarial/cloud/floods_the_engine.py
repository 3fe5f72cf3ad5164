"""Sends the engine bodies without end, requests without end and nesting without end.

Told: FLOODED nesting_without_end
"""

PORT = int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])
JSON = {"Content-Type": "application/x-amz-json-1.0", **as_aws("dynamodb")}


def requests_without_end():
    connections = []
    for _ in range(200):
        connections.append(socket.create_connection(("127.0.0.1", PORT)))
        connections[-1].sendall(b"POST / HTTP/1.1\r\nX: ")


def nesting_without_end():
    ask_engine(
        "POST", "/", {"X-Amz-Target": "DynamoDB_20120810.PutItem", **JSON}, b'{"a":' * 200_000
    )


def a_body_without_end():
    lines = [f"{name}: {value}\r\n" for name, value in JSON.items()]
    head = f"POST / HTTP/1.1\r\nHost: x\r\n{''.join(lines)}Content-Length: 99999999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        connection.sendall(head.encode())
        for _ in range(512):
            connection.sendall(bytes(1 << 20))


def create_queues(prefix):
    for flood in (requests_without_end, nesting_without_end, a_body_without_end):
        try:
            flood()
        except OSError as error:
            print("FLOODED", flood.__name__, error)


def handler(event, context):
    raise ValueError
