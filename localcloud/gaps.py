"""Behaviour of AWS that the course teaches and MiniStack lacks, filled in behind the same API calls.

* Deleting a message with an outdated receipt handle succeeds and deletes nothing.
* A message cannot be delayed by more than 15 minutes
  (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
* A table's stream has the changes that PartiQL statements make, too
  (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html).
* The reasons of a cancelled PartiQL transaction have the short codes that those of any other have
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
* Switching a table's time to live on when it is on, or off when it is off, is refused
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html).
* S3 does not tell that an object is missing to somebody who may not list the bucket
  (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
* Putting an object with tags or an ACL needs a permission for these, too
  (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).
* A lifecycle rule keeps a prefix of its own, as it was given before there were filters, and has an ID
  (https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html).
* A presigned S3 URL is refused once it has expired, also one signed with Signature Version 2
  (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html).
* Whoever has the URL of an API reaches it, whichever account it is in
  (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html).
* A failed Lambda function tells the name of its exception, by which a state machine catches it
  (https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html).
"""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

from ministack.core.responses import new_uuid, request_scope
from ministack.services import sqs

from localcloud import iam

_LONGEST_DELAY_S = 900


def accept_outdated_handles() -> None:
    """Let a delete with a receipt handle of an earlier receive succeed and delete nothing.

    "If you use an old receipt handle, the request succeeds, but the message might not be deleted"
    is how AWS has it; MiniStack calls the handle invalid. A handle that is none stays an error.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
    """
    delete, delete_batch = sqs._HANDLERS["DeleteMessage"], sqs._HANDLERS["DeleteMessageBatch"]

    def delete_message(data: dict, url: str) -> dict:
        try:
            return delete(data, url)
        except sqs._Err as error:
            if error.code == "ReceiptHandleIsInvalid" and _is_handle(data.get("ReceiptHandle")):
                return {}
            raise

    def delete_message_batch(data: dict, url: str) -> dict:
        reply = delete_batch(data, url)
        handles = {entry.get("Id"): entry.get("ReceiptHandle") for entry in data["Entries"]}
        outdated = [failed for failed in reply["Failed"] if _is_handle(handles[failed["Id"]])]
        reply["Successful"] += [{"Id": entry["Id"]} for entry in outdated]
        reply["Failed"] = [failed for failed in reply["Failed"] if failed not in outdated]
        return reply

    sqs._HANDLERS.update(DeleteMessage=delete_message, DeleteMessageBatch=delete_message_batch)


def refuse_long_delays() -> None:
    """Refuse a message that is to be hidden for more than 15 minutes, which MiniStack would hide.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    send = sqs._act_send_message

    def send_message(data: dict, url: str) -> dict:
        delay = int(data.get("DelaySeconds") or 0)
        if not 0 <= delay <= _LONGEST_DELAY_S:
            raise sqs._Err(
                "InvalidParameterValue",
                f"Value {delay} for parameter DelaySeconds is invalid. "
                f"Reason: DelaySeconds must be >= 0 and <= {_LONGEST_DELAY_S}.",
            )
        return send(data, url)

    sqs._act_send_message = sqs._HANDLERS["SendMessage"] = send_message


def _is_handle(text: object) -> bool:
    """Whether a text looks like a receipt handle that MiniStack gave out."""
    try:
        return str(uuid.UUID(str(text))) == text
    except ValueError:
        return False


def hides_what_is_missing(key: str, bucket: str, answer: bytes) -> bool:
    """Whether S3 says Access Denied instead of Not Found: to all who may not list the bucket."""
    code = re.search(rb"<Code>(\w+)</Code>", answer)  # a HEAD request's answer has none
    if code and code[1] != b"NoSuchKey":
        return False
    return iam.denied(key, "s3:ListBucket", f"arn:aws:s3:::{bucket}")


def puts_more_than_allowed(key: str, path: str, headers: dict[str, str]) -> bool:
    """Whether an object is put with tags or an ACL by somebody who may not: MiniStack asks for the
    permission to put it alone."""
    bucket, _, name = path.lstrip("/").partition("/")
    actions = {
        "s3:PutObjectTagging" if header == "x-amz-tagging" else "s3:PutObjectAcl"
        for header in headers
        if header in ("x-amz-tagging", "x-amz-acl") or header.startswith("x-amz-grant-")
    }
    arn = f"arn:aws:s3:::{bucket}/{name}"
    return bool(name) and any(iam.denied(key, action, arn) for action in actions)


def adapt_dynamodb(module: Any) -> None:
    """Let DynamoDB do what it does on AWS and not in MiniStack."""
    refuse_time_to_live_twice(module)
    stream_statements(module)
    shorten_reasons(module)


def shorten_reasons(module: Any) -> None:
    """Let PartiQL's transactions be cancelled for a DuplicateItem; MiniStack says DuplicateItemException."""
    execute = module._execute_transaction

    def execute_transaction(data: dict) -> Any:
        status, headers, body = execute(data)
        error = json.loads(body) if status == 400 else {}
        for reason in error.get("CancellationReasons", []):
            short = reason["Code"].replace("ValidationException", "ValidationError")
            short = short.removesuffix("Exception")
            error["message"] = error["message"].replace(reason["Code"], short)
            reason["Code"] = short
            body = json.dumps(error).encode()
        return status, headers, body

    module._execute_transaction = execute_transaction


def stream_statements(module: Any) -> None:
    """Put what PartiQL changes into the table's stream, which MiniStack leaves it out of."""

    def telling(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(table: dict, parsed: dict, *more: Any) -> Any:
            before = copy.deepcopy(table["items"])
            answer = change(table, parsed, *more)
            for first in {*before, *table["items"]}:
                old, new = before.get(first, {}), table["items"].get(first, {})
                for second in {*old, *new}:
                    was, now = old.get(second), new.get(second)
                    if was != now:
                        kind = "INSERT" if was is None else "REMOVE" if now is None else "MODIFY"
                        module._emit_stream_event(parsed["table"], kind, was, now)
            return answer

        return changed

    for name in ("_partiql_insert", "_partiql_update", "_partiql_delete"):
        setattr(module, name, telling(getattr(module, name)))


def refuse_time_to_live_twice(module: Any) -> None:
    """Let DynamoDB refuse a time to live that is set already, as AWS does; MiniStack sets it again."""
    update = module._update_ttl

    def update_ttl(data: dict) -> Any:
        name, wanted = data.get("TableName"), data.get("TimeToLiveSpecification", {})
        if name not in module._tables:
            return update(data)
        found = module._ttl_settings.get(name, {})
        enabled = found.get("TimeToLiveStatus") == "ENABLED"
        if enabled and wanted.get("AttributeName") not in ("", None, found["AttributeName"]):
            message = (
                "TimeToLive is active on a different AttributeName: current AttributeName is "
                f"{found['AttributeName']}"
            )
        elif enabled == bool(wanted.get("Enabled")):
            message = f"TimeToLive is already {'enabled' if enabled else 'disabled'}"
        else:
            return update(data)
        return module.error_response_json("ValidationException", message, 400)

    module._update_ttl = update_ttl


def expired_presigned_url(query: str, now: float) -> bool:
    """Whether a query string carries a presigned S3 signature whose time is over."""
    params = {k: v[0] for k, v in parse_qs(query).items()}
    try:
        if "X-Amz-Expires" in params:
            signed = datetime.strptime(params["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
            return now > signed.timestamp() + int(params["X-Amz-Expires"])
        if "Signature" in params and "AWSAccessKeyId" in params:
            return now > int(params["Expires"])
    except (KeyError, ValueError):
        return False  # malformed: the engine says so
    return False


def reach_every_api(module: Any) -> None:
    """Let requests without credentials, as a browser sends them, find an API whatever its account."""
    apis = module._rest_apis if hasattr(module, "_rest_apis") else module._apis

    def find_api_scope(api_id: str) -> tuple[str, str] | None:
        found = (key[:2] for key, _ in apis.all_items() if key[2] == api_id)
        return next(found, None)

    module.find_api_scope = find_api_scope


def adapt_s3(module: Any) -> None:
    """Let S3 do what it does on AWS and not in MiniStack."""
    accept_session_tokens(module)
    keep_lifecycle_rules(module)
    refuse_lifecycle_rules(module)


def keep_lifecycle_rules(module: Any) -> None:
    """Keep the prefix of a rule without a filter, which MiniStack would apply to all; give each an ID."""
    put, get = module._put_bucket_lifecycle, module._get_bucket_lifecycle

    def put_bucket_lifecycle(bucket: str, body: bytes) -> Any:
        answer = put(bucket, body)
        rules = module._bucket_lifecycle.get(bucket)
        if answer[0] == 200 and isinstance(rules, list):
            sent = ElementTree.fromstring(body).findall("{*}Rule")
            for rule, element in zip(rules, sent, strict=False):
                rule.setdefault("ID", new_uuid())
                if (prefix := element.find("{*}Prefix")) is not None:
                    rule["Prefix"] = prefix.text or ""
                    rule["Filter"] = {"Prefix": rule["Prefix"]}  # MiniStack's, who deletes by it
        return answer

    def get_bucket_lifecycle(bucket: str) -> Any:
        status, headers, body = get(bucket)
        if status == 200:
            rules = iter(module._bucket_lifecycle[bucket])
            filters = re.compile(rb"<Filter>(.*?)</Filter>")
            body = filters.sub(lambda found: found["Prefix" in next(rules)], body)
        return status, headers, body

    module._put_bucket_lifecycle = put_bucket_lifecycle
    module._get_bucket_lifecycle = get_bucket_lifecycle


def refuse_lifecycle_rules(module: Any) -> None:
    """Refuse two rules of one ID, and one whose expiration has both days and ExpiredObjectDeleteMarker."""
    wrong = module._lifecycle_rules_error

    def lifecycle_rules_error(rules: list) -> Any:
        ids = [rule["ID"] for rule in rules if "ID" in rule]
        if len(set(ids)) < len(ids):
            message = "Rule ID must be unique. Found same ID for more than one rule"
            return module._error("InvalidArgument", message, 400)
        if any(
            {"Days", "ExpiredObjectDeleteMarker"} <= set(r.get("Expiration", {})) for r in rules
        ):
            return module._error("MalformedXML", module._MALFORMED_XML, 400)
        return wrong(rules)

    module._lifecycle_rules_error = lifecycle_rules_error


def accept_session_tokens(module: Any) -> None:
    """Let S3 take URLs that were signed by somebody with one of our session tokens."""
    resolve = module.resolve_credential

    def resolve_credential(key: str, account: str, token: str = "") -> Any:
        return resolve(key, account, "" if key == account else token)

    module.resolve_credential = resolve_credential


def tell_exceptions(module: Any) -> None:
    """Let the error that a Lambda function ends with say which exception it was."""
    execute = module._execute_function_warm

    def execute_function_warm(*arguments: Any) -> dict[str, Any]:
        result = execute(*arguments)
        if result.get("error") and result["body"].get("errorType") == "Runtime.HandlerError":
            message = result["body"]["errorMessage"].partition("\n")[0]
            trace = re.compile(
                rf"^(?:[\w.]+\.)?(\w+){': ' if message else ''}{re.escape(message)}$", re.M
            )
            names = trace.findall(result.get("log", ""))
            result["body"]["errorType"] = names[-1] if names else "Runtime.HandlerError"
        return dict(result)

    module._execute_function_warm = execute_function_warm


def wait_seconds(account: str, region: str, params: dict) -> float:
    """How long a ReceiveMessage would wait for a message: its own setting, else the queue's."""
    asked = params.get("WaitTimeSeconds")
    if asked is not None:
        return float(asked)
    with request_scope(account, region):
        try:
            queue = sqs._get_q(params.get("QueueUrl", ""))
        except sqs._Err:
            return 0.0  # the engine says so
        return float(queue["attributes"].get("ReceiveMessageWaitTimeSeconds", "0"))
