"""Durable functions in MiniStack are switched on by a setting that AWS's API does not have; we set it.

On AWS a function is durable if it has a ``DurableConfig``
(https://docs.aws.amazon.com/lambda/latest/dg/durable-configuration.html).
"""

from __future__ import annotations

from typing import Any


def switch_on(provisioners: Any) -> None:
    """Let a template's function with a DurableConfig be durable."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create = provisioners._lambda_create

    def lambda_create(logical_id: str, props: dict, stack_name: str) -> Any:
        name, attributes = create(logical_id, props, stack_name)
        if "DurableConfig" in props:
            function = provisioners._lambda_svc._functions[name]
            function["config"]["DurableConfig"] = {**props["DurableConfig"], "Enabled": True}
        return name, attributes

    handlers["create"] = provisioners._lambda_create = lambda_create
