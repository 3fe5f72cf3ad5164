"""IAM on the embedded engine: policies that MiniStack enforces, and the roles behind our callers.

MiniStack checks every call of a role's session and of an IAM user against their policies when it
runs with ``AUTH=true``. An account's own key stays its root, which may do everything.
"""

from __future__ import annotations

import json
import re
import secrets
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_actions, sigv4
from ministack.core.iam_evaluator import (
    AmbiguousAccessKeyError,
    enforce,
    find_iam_access_key_account,
)
from ministack.core.responses import _account_from_sts_session, request_scope
from ministack.services import iam, sts

_REGION = "us-east-1"
_STATEMENTS = {
    f"dynamodb:{name}"
    for name in ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")
}
_PARTIQL = re.compile(
    r"""\s*(?P<verb>select|insert|update|delete)\b(?:.*?\b(?:from|into))?\s+"?(?P<table>[\w.-]+)""",
    re.IGNORECASE | re.DOTALL,
)
# For the roles behind our callers: nobody but us takes them.
_NOBODY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
    ],
}


def enforced() -> bool:
    """Whether this engine enforces policies."""
    return bool(app.AUTH)


body_as_sent: ContextVar[bytes | None] = ContextVar("body_as_sent", default=None)
"""The body that a request was signed with, where we have changed it since."""


def adapt() -> None:
    """Let MiniStack judge requests on our clock, as they were sent; batches and schedules as AWS does."""
    # A caller's clock stays behind when the engine's is moved: a signature's age says nothing.
    sigv4.request_time_failure = lambda signature, *, now=None: None

    check, action_of = sigv4.header_signature_failure, iam_actions.extract_iam_action
    arn_of, tables_of = iam_actions.extract_resource_arn, iam_actions.dynamodb_resource_arns

    def header_signature_failure(*request: Any, **options: Any) -> Any:
        *parts, body = request
        sent = body_as_sent.get()
        return check(*parts, body if sent is None else sent, **options)

    def extract_iam_action(*request: Any) -> str | None:
        """SQS has no permissions for batches, nor DynamoDB for statements, but for what they do.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
        """
        action: str | None = action_of(*request)
        if action in _STATEMENTS:
            body = request[4]
            return next(
                (f"dynamodb:PartiQL{verb.title()}" for verb, _ in _statements(body)), action
            )
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    def dynamodb_resource_arns(body: bytes, region: str, account: str) -> list[str]:
        """The tables of statements, too."""
        arns: list[str] = tables_of(body, region, account)
        named = dict.fromkeys(table for _, table in _statements(body))
        return arns or [f"arn:aws:dynamodb:{region}:{account}:table/{name}" for name in named]

    def extract_resource_arn(
        service: str, method: str, path: str, headers: dict, body: bytes, query: dict, *where: str
    ) -> str:
        """A schedule's ARN has its group in it; MiniStack takes each for one of ``default``.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
        """
        arn: str = arn_of(service, method, path, headers, body, query, *where)
        if service != "scheduler" or ":schedule/default/" not in arn:
            return arn
        if method in ("POST", "PUT"):
            group = json.loads(body).get("GroupName", "default")
        else:
            (group,) = query.get("groupName", ["default"])
        return arn.replace(":schedule/default/", f":schedule/{group}/")

    sigv4.header_signature_failure = header_signature_failure
    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn
    iam_actions.dynamodb_resource_arns = dynamodb_resource_arns


def _statements(body: bytes) -> list[tuple[str, str]]:
    """(verb, table) of each PartiQL statement in a request of DynamoDB's."""
    try:
        asked = json.loads(body or b"{}")
        several = asked.get("Statements") or asked.get("TransactStatements") or [asked]
        texts = [str(each.get("Statement", "")) for each in several]
    except (ValueError, AttributeError, TypeError, RecursionError):
        return []
    found = (_PARTIQL.match(text) for text in texts)
    return [(match["verb"], match["table"]) for match in found if match]


def account_of(key: str) -> str:
    """The account that an access key belongs to; an account's own key is its id."""
    try:
        return _account_from_sts_session(key) or find_iam_access_key_account(key) or key
    except AmbiguousAccessKeyError:
        return key  # the engine refuses it


def open_session(account: str, name: str, policy: dict[str, Any], token: str) -> str:
    """Give the role `name` this policy and no other, and return the access key of a session of it.

    The session's secret key is ``test`` and its token `token`; it does not expire.
    Raises ValueError when IAM would not take the policy.
    """
    role = re.sub(r"[^\w+=,.@-]", "-", name)
    with request_scope(account, _REGION):
        if role not in iam._roles:
            iam._create_role({"RoleName": role, "AssumeRolePolicyDocument": json.dumps(_NOBODY)})
        document = {"RoleName": role, "PolicyName": role, "PolicyDocument": json.dumps(policy)}
        status, _, body = iam._put_role_policy(document)
        if status != 200:
            said = re.search(r"<Message>(.*?)</Message>", body.decode())
            raise ValueError(f"IAM does not take this policy: {said.group(1) if said else body}.")
        role_id = iam._roles[role]["RoleId"]
    key = "ASIA" + secrets.token_hex(8).upper()
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{role}",
            "UserId": f"{role_id}:{role}",
            "SecretAccessKey": "test",
            "SessionToken": token,
        },
    )
    return key


def denied(key: str, action: str, resource: str) -> bool:
    """Whether policies refuse a call that MiniStack does not see, because we answer it ourselves."""
    if not enforced():
        return False
    service = action.partition(":")[0]
    with request_scope(account_of(key), _REGION):
        return enforce(key, action, service, _REGION, resource_arn=resource) is not None
