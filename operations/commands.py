"""The commands of `pizza` for the restaurant. Each imports what it needs only when it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from operations.engines import Place
    from operations.modules import Module

out = Console(highlight=False)

Some = Annotated[
    str | None,
    typer.Argument(
        metavar="[MODULE]",
        help="A module, for example kitchen; without it, all of them.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="On AWS: do not ask first.")]


def deploy(module: Some = None, yes: Yes = False) -> None:
    """Deploy the restaurant, or one module and what it needs, with CloudFormation.

    Goes to the engine that `pizza up` started, or with COURSE_ENGINE=localstack or aws to that one.
    """
    import time

    from operations import deploying, engines

    began = time.monotonic()
    place = engines.place()
    plan = deploying.planned(place, module)
    if place.engine == "aws" and not yes:
        _ask_first(place, [each for wave in plan for each in wave])
    with out.status(f"Deploying to {_name(place)}"):
        deploying.deploy(place, plan, _tell)
    out.print(f"Deployed in {time.monotonic() - began:.1f} s.")
    if module is None:
        from operations.ordering import Client

        out.print(Text(f"The API: {Client(place).url}"), soft_wrap=True)
        out.print("\nNow: pizza order margherita --watch")


def destroy(module: Some = None, yes: Yes = False) -> None:
    """Take the restaurant, or one module, away again, with all its data."""
    from operations import deploying, engines

    place = engines.place()
    if place.engine == "aws" and not yes:
        what = module or "the whole restaurant"
        _confirm(f"Remove {what} and all its data from {_name(place)}?")
    if not deploying.standing(place):
        out.print(f"Nothing is deployed on {_name(place)}.")
    with out.status(f"Removing from {_name(place)}"):
        deploying.destroy(place, module, _tell)


def order(
    pizza: Annotated[str, typer.Argument(help="What is on the menu, for example margherita.")],
    customer: Annotated[str, typer.Option(help="Who is hungry.")] = "Ada",
    quantity: Annotated[int, typer.Option(help="How many; the oven holds 12.")] = 1,
    card: Annotated[
        str, typer.Option(help="A payment token; tok_declined and tok_timeout do what they say.")
    ] = "tok_visa",
    address: Annotated[
        str | None, typer.Option(help="Where to deliver it.", show_default=False)
    ] = None,
    number: Annotated[
        str | None, typer.Option(help="The order's number; a new one if none.", show_default=False)
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show live how it travels.")] = False,
) -> None:
    """Order a pizza over HTTP, as a customer would; --watch shows how the order travels.

    Exit code with --watch: 0 confirmed, 1 failed, 2 not decided within three minutes.
    """
    from operations import engines, ordering

    place = engines.place()
    client = ordering.Client(place)
    order_id = number or ordering.new_number()
    wanted: dict[str, Any] = {
        "order_id": order_id,
        "customer": customer,
        "pizza": pizza,
        "quantity": quantity,
        "card": card,
    }
    if address:
        wanted["delivery"] = {"address": address}
    account = engines.traffic(place) if watch else None
    since = len(account.calls) if account else 0
    path = client.place(wanted)
    if not watch:
        out.print(f"Order {order_id} is placed. Ask how it stands:")
        out.print(Text(f"  curl {client.url}{path}"), soft_wrap=True)
        return
    from operations import watching

    way = watching.Way(order_id, until="DUE" if address else "CONFIRMED")
    watching.watch(out, client, account, since, way)
    if way.reached == "DUE":
        out.print("\nThe courier says that it is done with:")
        done = f"{client.url}/deliveries/{order_id}/done"
        out.print(Text(f"  curl -X POST {done}"), soft_wrap=True)
    if not way.ended:
        out.print(f"It is still {way.reached or 'unknown'}; look again: pizza track {order_id}")
        raise typer.Exit(2)
    raise typer.Exit(1 if way.reached == "FAILED" else 0)


def track(
    order_id: Annotated[str, typer.Argument(metavar="ORDER", help="The order's number.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0: any free one.")] = 0,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Serve a page that follows an order, by polling and by WebSocket, until Ctrl-C."""
    import webbrowser

    from operations import engines, tracking

    with tracking.Page(engines.place(), order_id, port) as page:
        out.print(Text(f"Order {order_id} is followed on {page.url} (Ctrl-C ends it)"))
        if show:
            webbrowser.open(page.url)
        try:
            page.serve()
        except KeyboardInterrupt:
            out.print("Stopped.")


COMMANDS: tuple[Callable[..., None], ...] = (deploy, destroy, order, track)


def _ask_first(place: Place, modules: list[Module]) -> None:
    from operations import costs

    lines, total = costs.idle(modules)
    out.print(f"This deploys to AWS: account {place.account}, region {place.region}.")
    out.print(f"Modules: {', '.join(module.name for module in modules)}.")
    out.print("\nWhat it costs even if nobody orders, in US dollars a month, free tier aside:")
    for line in lines:
        out.print(f"  {line}")
    out.print(f"  in all about {total:.2f}, for as long as it stands. A thousand orders add cents.")
    out.print("Remove it with: COURSE_ENGINE=aws pizza destroy\n")
    _confirm("Deploy?")


def _confirm(question: str) -> None:
    """Ask; raises Problem where the answer is not yes, or nobody is there to give one."""
    from operations.engines import Problem

    try:
        if typer.confirm(question):
            return
    except typer.Abort:
        out.print()
    raise Problem("Nothing was done.")


def _tell(module: Module, what: str, seconds: float) -> None:
    mark = Text("· " if what == "unchanged" else "✓ ", "dim" if what == "unchanged" else "green")
    out.print(Text.assemble(mark, f"{module.name:20} {what:10}", (f"{seconds:5.1f} s", "dim")))


def _name(place: Place) -> str:
    if place.engine == "aws":
        return f"AWS, account {place.account}, {place.region}"
    kind = {"embedded": "the embedded engine", "localstack": "LocalStack"}[place.engine]
    return f"{kind}, {place.endpoint_url}"
