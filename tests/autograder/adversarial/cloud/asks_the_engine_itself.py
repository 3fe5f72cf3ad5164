"""Calls the engine's own control paths, with and without the clothes of an AWS call.

Told: REFUSED
"""

import http.client

paths = ("/_ministack/state", "/_ministack/reset", "/_localstack/state", "/_localstack/init")
for path in (*paths, "/_aws/sqs/messages", "/account", "/advance", "/calls", "//_ministack/reset"):
    for method in ("GET", "POST"):
        for headers in ({}, {"Authorization": "Bearer x"}, {"X-Amz-Security-Token": TOKEN}):
            attempt(lambda: ask_engine(method, path, headers))
attempt(lambda: socket.create_connection(("127.0.0.1", FACTS["control"])))
