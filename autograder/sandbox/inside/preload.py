"""Imports and reads, once in the zygote, what environments would otherwise import and read each time."""

import importlib
import re
import socket
import sys
import warnings
from typing import Any

# Modules of the standard library that solutions use and that boto3 does not import.
_USUAL = (
    "asyncio", "concurrent.futures.thread", "contextlib", "dataclasses", "decimal", "encodings.idna",
    "enum", "fractions", "hashlib", "inspect", "itertools", "json", "logging", "math", "queue",
    "random", "statistics", "string", "textwrap", "traceback", "typing", "uuid", "zoneinfo",
)  # fmt: skip
# Libraries that a correct solution may use and that take long to import: loaded if mentioned.
_HEAVY = ("aws_lambda_powertools", "boto3", "botocore", "cloudevents", "pydantic", "jsonschema")
_MOST_MENTIONED = 50
# Service models are loaded, too: of these, the ones that the source names.
_SERVICES = (
    "apigateway", "cloudwatch", "dynamodb", "dynamodbstreams", "events", "iam", "kinesis", "kms",
    "lambda", "logs", "pipes", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm",
    "stepfunctions", "sts",
)  # fmt: skip


def usual():
    """Import what any source is likely to import."""
    for name in _USUAL:
        _import(name)
    _import("boto3.session")


def libraries(source):
    """Import what else this source (bytes) is likely to import; nothing of the learner's runs."""
    words = set(re.findall(r"\w+", source.decode("utf-8", "replace")))
    mentioned = re.findall(rb"^\s*(?:from|import)\s+([\w.]+)", source, re.MULTILINE)
    for name in list(dict.fromkeys(mentioned))[:_MOST_MENTIONED]:
        name = name.decode()
        if name.split(".")[0] not in _HEAVY or "__" in name:
            continue
        module = _import(name)
        for attribute in words.intersection(getattr(module, "__all__", ())):
            try:
                getattr(module, attribute)  # some are imported when they are asked for
            except Exception:
                continue


def _import(name):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except (Exception, SystemExit):
        return None  # the learner's import will say why


def services(source, wanted):
    """Load the models of these services (None: of those the source names), shared by all sessions.

    Returns their names.
    """
    import boto3
    import botocore.loaders
    import botocore.session

    loader = botocore.loaders.create_loader()
    create = botocore.session.create_loader
    botocore.session.create_loader = lambda search_path_string=None: (
        create(search_path_string) if search_path_string else loader
    )
    if wanted is None:
        words = set(re.findall(rb"[\"']([a-z0-9]+)[\"']", source))
        wanted = [service for service in _SERVICES if service.encode() in words]
    for service in wanted:
        session = boto3.session.Session(region_name="us-east-1")
        _call(session.client(service, aws_access_key_id="x", aws_secret_access_key="x"))
    if wanted:
        _talk()
    # It has no client yet, so neither credentials nor addresses; its event handlers are in place.
    boto3.setup_default_session()
    return list(wanted)


def _call(client):
    """Go once through what botocore does for a call, without a network."""
    from botocore.awsrequest import AWSResponse, HeadersDict

    operation = next(
        (name for name in client.meta.service_model.operation_names if name.startswith("List")), ""
    )
    client.can_paginate(next(iter(client.meta.method_to_api_mapping)))

    def answer(request, **_):
        headers: Any = HeadersDict()
        return AWSResponse(request.url, 200, headers, _Empty())

    client.meta.events.register("before-send", answer)
    try:
        client._make_api_call(operation, {})
    except Exception:  # the service answers in XML, or wants parameters
        return


class _Empty:
    """The body of an answer that says nothing."""

    def stream(self, *_, **__):
        yield b"{}"


def _talk():
    """Go once through an HTTP request and its answer, with ourselves."""
    from urllib3.connection import HTTPConnection

    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\r\n{}")
        connection = HTTPConnection("127.0.0.1")
        connection.sock = here
        connection.request("POST", "/", body=b"{}", headers={"Content-Type": "x"})
        connection.getresponse().read()


def forget(package):
    """Take the modules of a package out of reach."""
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[name]
