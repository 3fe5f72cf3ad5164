"""What an order is and what it may become. No AWS from here on down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)

from pizzeria.common.claims import Claim
from pizzeria.menu import MAX_QUANTITY, MENU
from pizzeria.orders.events import (
    Delivery,
    Money,
    OrderConfirmed,
    OrderFailed,
    OrderPlaced,
)

Status = Literal["PLACED", "CONFIRMED", "FAILED"]


class InvalidOrder(ValueError):
    """Not an order; says in one sentence what is wrong, and repeats nothing of what was sent."""


class AlreadyDecided(Exception):
    """The order was decided the other way before."""


def _on_the_menu(pizza: str) -> str:
    if pizza not in MENU:
        raise ValueError("is not on the menu")
    return pizza


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DeliveryRequest(_Strict):
    address: str = Field(min_length=5, max_length=300)
    at: AwareDatetime | None = None


class OrderRequest(_Strict):
    """What a customer sends. `order_id` is the customer's: sent twice, it is the same order."""

    order_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,40}$")
    customer: str = Field(min_length=1, max_length=100)
    pizza: Annotated[str, AfterValidator(_on_the_menu)]
    quantity: int = Field(ge=1, le=MAX_QUANTITY)
    # A token of the payment provider. Card numbers are refused, so that none is ever in our hands.
    card: str = Field(pattern=r"^tok_[a-z_]{1,60}$")
    wishes: str | None = Field(None, max_length=500_000)
    callback_url: str | None = Field(None, max_length=2000)
    delivery: DeliveryRequest | None = None


class Order(BaseModel):
    """An order as this service keeps it: nothing in it is readable that is nobody's business."""

    order_id: str
    status: Status = "PLACED"
    customer: str
    pizza: str
    quantity: int
    cents: int
    delivery: Delivery | None = None
    reason: str | None = None

    def same_as(self, other: Order) -> bool:
        """Whether two requests under one number ask for the same. A seal is different every time."""
        fields = {"customer", "pizza", "quantity", "cents"}
        return self.model_dump(include=fields) == other.model_dump(include=fields)


def read_request(body: str) -> OrderRequest:
    """Return the order in a request's body; raises InvalidOrder."""
    try:
        return OrderRequest.model_validate_json(body)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"]) or "the body"
        message = problem["msg"].removeprefix("Value error, ")
        if field == "card":
            message = "must be a payment token (tok_…), never a card's number"
        raise InvalidOrder(f"{field}: {message}") from None


def place(
    request: OrderRequest, *, card: str, address: str | None, wishes: str | Claim | None
) -> tuple[Order, OrderPlaced]:
    """Return the order and the event that tells of it; `card` and `address` are sealed."""
    delivery = None
    if request.delivery and address:
        delivery = Delivery(address=address, at=request.delivery.at)
    order = Order(
        order_id=request.order_id,
        customer=request.customer,
        pizza=request.pizza,
        quantity=request.quantity,
        cents=MENU[request.pizza] * request.quantity,
        delivery=delivery,
    )
    return order, OrderPlaced(
        order_id=order.order_id,
        customer=order.customer,
        pizza=order.pizza,
        quantity=order.quantity,
        total=Money.of_cents(order.cents),
        card=card,
        wishes=wishes,
        callback_url=request.callback_url,
        delivery=delivery,
    )


def decide(
    order: Order, to: Literal["CONFIRMED", "FAILED"], reason: str | None = None
) -> tuple[Order, OrderConfirmed | OrderFailed]:
    """Return the order as decided and the event that tells of it; raises AlreadyDecided."""
    if order.status not in ("PLACED", to):
        raise AlreadyDecided(f"order {order.order_id} is {order.status} and cannot become {to}")
    decided = order.model_copy(update={"status": to, "reason": reason})
    if to == "FAILED":
        return decided, OrderFailed(
            order_id=order.order_id, customer=order.customer, reason=reason or "no reason given"
        )
    return decided, OrderConfirmed(
        order_id=order.order_id,
        customer=order.customer,
        pizza=order.pizza,
        quantity=order.quantity,
        total=Money.of_cents(order.cents),
        delivery=order.delivery,
    )
