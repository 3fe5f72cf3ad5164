"""The engine's own process: ``python -m localcloud.engine``, started by `localcloud.start`.

Reads its settings as one JSON line on standard input, prints one JSON line when it is up (its ports)
or when it cannot come up (``error``), and ends when standard input closes: so it cannot outlive
whoever started it, however that one dies. What it writes is in a directory that it removes then.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """Return a listening socket on the loopback address; raises OSError when the port is taken."""
    # The protocol is named so that asyncio knows it for TCP and does not hold small writes back.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def write_to(directory: str) -> None:
    """Take a directory for everything temporary: MiniStack leaves functions' code behind."""
    tempfile.tempdir = os.environ["TMPDIR"] = directory
    os.environ["STATE_DIR"] = os.path.join(directory, "state")
    os.environ["S3_DATA_DIR"] = os.path.join(directory, "s3")


def end(directory: str) -> None:
    """End this process at once: MiniStack's daemon threads may be asleep on the emulated clock."""
    try:
        shutil.rmtree(directory, ignore_errors=True)
    finally:  # also when it is nested too deeply
        os._exit(0)


def end_with_standard_input(directory: str) -> None:
    """End this process when whoever started it is gone."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        end(directory)

    threading.Thread(target=watch, daemon=True).start()


_STARTS = (
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
)  # fmt: skip
_CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_WRITES = os.O_WRONLY | os.O_RDWR


def stay_inside(upstream: str | None) -> None:
    """From here on start no process, connect to nothing but `upstream`, write only temporary files.

    What a guarded engine is asked to do comes from code that nobody trusts, and functions, jobs,
    subscriptions and API destinations would do it outside that code's own containment.
    """
    reachable = urlsplit(upstream).port if upstream else None
    own = os.path.join(os.path.realpath(tempfile.gettempdir()), "")

    def refuse(event: str, args: tuple) -> None:
        refused = event in _STARTS
        if event in _CONNECTS and args[0].family != socket.AF_UNIX:
            refused = reachable is None or args[1][1] != reachable
        elif event == "open" and (args[2] or 0) & _WRITES and not isinstance(args[0], int):
            path = os.path.realpath(os.fsdecode(args[0]))
            refused = path != os.devnull and not path.startswith(own)
        if refused:
            raise PermissionError(f"A guarded engine does not do this ({event}).")

    sys.addaudithook(refuse)


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    try:
        public = listen(settings["port"])
    except OSError as error:
        return say({"error": "port", "errno": error.errno})
    directory = settings["directory"]
    write_to(directory)
    # uvicorn handles the signal by shutting down, and then raises it again.
    signal.signal(signal.SIGTERM, lambda *_: end(directory))
    if not settings["detached"]:
        end_with_standard_input(directory)
    control = listen(0)
    port = public.getsockname()[1]
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST=HOST,
        MINISTACK_HOST=HOST,
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL="ERROR",
        LAMBDA_EXECUTOR="local",
        AWS_SDK_UA_APP_ID="Lambda",  # inherited by functions: the name under which they call
        AUTH="true" if settings["iam"] else "false",  # MiniStack's word for enforcing IAM policies
        DOCKER_HOST="unix:///nonexistent",  # MiniStack must not look for containers to remove
    )
    logging.disable(logging.WARNING)

    from localcloud.clock import EngineClock

    clock = EngineClock()  # before MiniStack is imported, so that its threads sleep on it

    import uvicorn

    from localcloud.control import Control
    from localcloud.functions import Functions
    from localcloud.layer import Layer

    if settings["upstream"]:
        from localcloud.upstream import Upstream

        backend: Any = Upstream(settings["upstream"])
    else:
        from localcloud.embedded import Embedded

        backend = Embedded(clock, skip_waits=settings["skip_waits"])
    functions = Functions(backend)
    layer = Layer(
        functions,
        now=lambda: datetime.fromtimestamp(clock.now(), tz=timezone.utc),
        passed=backend.passed,
        guarded=settings["guarded"],
    )
    controls = Control(
        layer, functions, clock, backend, settings["token"], settings["first_account"]
    )

    async def app(scope: dict, receive: Any, send: Any) -> None:
        served = scope.get("server") or (None, None)
        if scope["type"] == "http" and served[1] == control.getsockname()[1]:
            return await controls(scope, receive, send)
        await layer(scope, receive, send)

    # Not hypercorn, with which MiniStack is served otherwise: this takes half its time for a request.
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="wsproto",
            lifespan="off" if settings["upstream"] else "on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=3600,  # a client that reuses a connection must not find it closing
            timeout_graceful_shutdown=0,
        )
    )
    logging.getLogger("uvicorn.error").disabled = True  # a cut connection is no error here

    async def run() -> None:
        serving = asyncio.create_task(server.serve([public, control]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        if server.started:
            if settings["guarded"]:
                stay_inside(settings["upstream"])
            say({"port": port, "control": control.getsockname()[1], "pid": os.getpid()})
            await asyncio.to_thread(
                importlib.import_module, "botocore.session"
            )  # for the first call
        stop = asyncio.create_task(controls.stopped.wait())
        await asyncio.wait((serving, stop), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving

    try:
        asyncio.run(run())
    except BaseException:
        traceback.print_exc()
    finally:
        end(directory)


if __name__ == "__main__":
    main()
