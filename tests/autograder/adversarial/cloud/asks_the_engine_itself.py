"""Calls the engine's own control paths, with and without the clothes of an AWS call.

Told: REFUSED
"""

paths = ("/_ministack/state", "/_ministack/reset", "/_localstack/state", "/_localstack/init")
paths += ("/_aws/sqs/messages", "/account", "/advance", "/calls", "/revoke", "/plan", "/stop")
around = ("//_ministack/reset", "/./_ministack/reset", "/x/../_ministack/reset")
around += ("/%5fministack/reset", "/_ministack%2freset", "http://x/_ministack/reset")
for path in (*paths, *around):
    for method in ("GET", "POST"):
        for headers in ({}, {"Authorization": "Bearer x"}, as_aws("s3"), as_aws("sqs")):
            attempt(lambda: ask_engine(method, path, headers))
attempt(lambda: socket.create_connection(("127.0.0.1", FACTS["control"])))
