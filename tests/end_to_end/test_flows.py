"""Orders as customers place them, over HTTP, through all services and back."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import websocket

from operations.deploying import STOCK
from pizzeria.menu import MENU
from tests.operations.deployment import DEADLINE_S, wait_until

WISHES = "extra basil, " * 4000  # 52 KB: too large to travel itself


def stock_taken(restaurant) -> int:
    items = restaurant.table("inventory")
    return sum(STOCK - int(items[f"stock#{pizza}"]["available"]) for pizza in MENU)


def test_an_order_goes_from_202_to_confirmed_to_delivered(restaurant, number):
    order = number()
    reply = restaurant.place(
        order_id=order, customer="Bao", wishes=WISHES, delivery={"address": "Via Toledo 5"}
    )
    assert reply.status_code == 202
    assert reply.json()["status_url"] == reply.headers["location"] == f"/orders/{order}/status"

    assert restaurant.poll(order) == "CONFIRMED"
    assert restaurant.status(order).headers["retry-after"] == "1"
    restaurant.poll(order, until=("DUE",))
    delivery = httpx.get(f"{restaurant.api_url}/deliveries/{order}", timeout=60).json()
    assert delivery["address"] == "Via Toledo 5"
    done = httpx.post(f"{restaurant.api_url}/deliveries/{order}/done", timeout=60)
    assert done.status_code == 202
    assert restaurant.poll(order, until=("DELIVERED",)) == "DELIVERED"
    assert "retry-after" not in restaurant.status(order).headers

    assert restaurant.table("orders")[order]["status"] == "CONFIRMED"
    assert restaurant.table("payments")[order]["state"] == "CHARGED"
    assert restaurant.table("inventory")[f"reservation#{order}"]["status"] == "RESERVED"
    assert restaurant.table("kitchen")[order]["wishes"] == WISHES[:200]
    wait_until(lambda: restaurant.table("loyalty").get("customer#Bao", {}).get("points") == 17)
    heard = {k.partition("#")[0] for k, v in restaurant.table("analytics").items() if "heard" in v}
    assert heard >= {"order.placed", "order.confirmed", "delivery.due", "delivery.completed"}


def test_what_is_no_order_is_answered_at_once_and_nothing_is_stored(restaurant, number):
    order = number()
    reply = restaurant.place(order_id=order, pizza="gravel")
    assert (reply.status_code, reply.json()["error"]) == (400, "pizza: is not on the menu")
    assert restaurant.status(order).status_code == 404
    assert order not in restaurant.table("orders")


def test_orders_wait_while_the_kitchen_is_down_and_go_on_when_it_is_back(restaurant, number):
    restaurant.stop("kitchen")
    orders = [number() for _ in range(3)]
    try:
        for order in orders:
            assert restaurant.place(order_id=order).status_code == 202
        wait_until(lambda: restaurant.waiting("kitchen") == 3)
        assert {restaurant.poll(order, until=("PLACED",)) for order in orders} == {"PLACED"}
    finally:
        restaurant.start("kitchen")
    assert {restaurant.poll(order) for order in orders} == {"CONFIRMED"}


def test_a_poison_order_goes_to_the_dead_letters_and_is_undone_and_the_others_are_cooked(
    restaurant, number
):
    restaurant.stop("kitchen")
    poison, good = number(), number()
    try:
        restaurant.place(order_id=poison, wishes=WISHES)
        restaurant.place(order_id=good)
        wait_until(lambda: restaurant.waiting("kitchen") == 2)
        forget_coats(restaurant, poison)
    finally:
        restaurant.start("kitchen")
    assert restaurant.poll(good) == "CONFIRMED"
    dead = restaurant.waiting("kitchen-dlq")
    for _ in range(3):
        wait_until(lambda: restaurant.in_flight("kitchen") == 1)
        restaurant.let_come_again("kitchen")
    wait_until(lambda: restaurant.waiting("kitchen-dlq") == dead + 1)

    restaurant.cloud.clock.advance(timedelta(minutes=15))
    assert restaurant.poll(poison) == "FAILED"
    assert restaurant.status(poison).json()["reason"] == "the kitchen did not answer in time"
    assert restaurant.table("payments")[poison]["state"] == "REFUNDED"
    assert restaurant.table("inventory")[f"reservation#{poison}"]["status"] == "RELEASED"
    wait_until(lambda: restaurant.table("kitchen").get(poison, {}).get("status") == "CANCELLED")


def forget_coats(restaurant, order: str) -> None:
    """Empty the cloakroom of what an order checked in."""
    s3, bucket = restaurant.client("s3"), restaurant.claims_bucket
    for coat in s3.list_objects_v2(Bucket=bucket, Prefix=f"claims/{order}/")["Contents"]:
        s3.delete_object(Bucket=bucket, Key=coat["Key"])


def test_whatever_is_delivered_twice_happens_once(restaurant, number):
    order = number()
    seen = restaurant.listen()
    assert restaurant.place(order_id=order, customer="Chidi").status_code == 202
    assert restaurant.place(order_id=order, customer="Chidi").status_code == 202
    assert restaurant.place(order_id=order, customer="Chidi", quantity=9).status_code == 409
    assert restaurant.poll(order) == "CONFIRMED"
    wait_until(lambda: restaurant.table("loyalty").get(f"order#{order}"))
    taken = stock_taken(restaurant)

    messages = wait_until(lambda: both(seen, order))
    for message in messages:
        queue = "saga" if message["type"].startswith("order.placed") else "loyalty"
        restaurant.send(queue, json.dumps(message))
        restaurant.send(queue, json.dumps({**message, "id": f"{message['id']}-again"}))
    cook = {"order_id": order, "pizza": "margherita", "quantity": 2}
    again = {**messages[0], "type": "kitchen.cook.v1", "data": cook}
    restaurant.send(
        "kitchen", json.dumps({**again, "replyto": restaurant.queue_url("kitchen-replies")})
    )
    for queue in ("saga", "loyalty", "kitchen", "kitchen-replies"):
        wait_until(lambda queue=queue: restaurant.waiting(queue) == 0)

    assert stock_taken(restaurant) == taken
    assert restaurant.table("loyalty")["customer#Chidi"]["points"] == 17
    assert restaurant.table("orders")[order]["status"] == "CONFIRMED"
    assert restaurant.table("payments")[order]["state"] == "CHARGED"
    charged = [c for c in restaurant.account.calls if c.summary == f"charge order {order}"]
    assert len(charged) <= 1


def both(seen, order: str) -> list[dict]:
    """Return the two events of an order that the order service tells of, once both were heard."""
    types = ("order.placed.v1", "order.confirmed.v2")
    found = [m for m in seen() if m["subject"] == order and m["type"] in types]
    return found if {message["type"] for message in found} == set(types) else []


def test_no_event_is_lost_when_the_publisher_is_killed(restaurant, number):
    restaurant.stop("orders-publisher")
    orders = [number() for _ in range(5)]
    for order in orders:
        restaurant.place(order_id=order)
    waiting = restaurant.table("orders")
    assert all("outbox" in waiting[order] for order in orders)

    for process in restaurant.workers("orders-publisher"):
        process.kill()
    restaurant.start("orders-publisher")
    for _ in range(2):  # as soon as there is a new one
        (process, *_) = wait_until(lambda: restaurant.workers("orders-publisher"))
        process.kill()
        process.wait(10)

    assert {restaurant.poll(order) for order in orders} == {"CONFIRMED"}
    wait_until(lambda: not any("outbox" in item for item in restaurant.table("orders").values()))


def test_a_delivery_is_announced_half_an_hour_before_and_not_earlier(restaurant, number):
    order = number()
    at = restaurant.cloud.clock.now() + timedelta(hours=3)
    restaurant.place(order_id=order, delivery={"address": "Via Roma 1", "at": at.isoformat()})
    restaurant.poll(order)
    wait_until(lambda: order in restaurant.table("deliveries"))
    scheduler = restaurant.client("scheduler")

    def schedules() -> list[str]:
        found = scheduler.list_schedules(GroupName="deliveries")["Schedules"]
        return [schedule["Name"] for schedule in found]

    wait_until(lambda: f"delivery-{order}" in schedules())
    restaurant.cloud.clock.advance(timedelta(hours=2, minutes=29) - timedelta(seconds=30))
    assert restaurant.table("deliveries")[order]["status"] == "SCHEDULED"
    restaurant.cloud.clock.advance(timedelta(minutes=2))
    assert restaurant.poll(order, until=("DUE",)) == "DUE"
    wait_until(lambda: f"delivery-{order}" not in schedules())


def test_a_customers_server_is_called_signed_and_again_if_it_was_down(
    restaurant, number, customer_server
):
    order, before = number(), put_off(restaurant)
    customer_server.answers = [503, 302]
    url = f"http://{customer_server.host}/told?by=pizzeria"
    restaurant.place(order_id=order, callback_url=url)
    restaurant.poll(order)
    wait_until(lambda: put_off(restaurant) == before + 2)
    assert len(customer_server.refused) == 2
    restaurant.cloud.clock.advance(timedelta(seconds=25))
    wait_until(lambda: set(customer_server.told_about(order)) == {"PLACED", "CONFIRMED"})
    told = [call for call in customer_server.calls if call["subject"] == order]
    assert {call["path"] for call in told} == {"/told?by=pizzeria"}
    assert {call["id"] for call in told} == {f"{order}-PLACED", f"{order}-CONFIRMED"}
    assert not [refused for refused in customer_server.refused if "forged" in refused]


def put_off(restaurant) -> int:
    """Return how often a call of a customer's server was put off."""
    return sum(call.operation == "ChangeMessageVisibility" for call in restaurant.account.calls)


def test_a_url_that_points_inward_is_never_called(restaurant, number, customer_server):
    port = int(customer_server.host.rpartition(":")[2])
    inward = [
        f"http://localhost:{port}/told",  # the trusted server, under another name
        f"{restaurant.cloud.endpoint_url}/_localstack/health",
        "https://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/",
    ]
    calls = len(customer_server.calls)
    orders = [number() for _ in inward]
    for order, url in zip(orders, inward, strict=True):
        restaurant.place(order_id=order, callback_url=url)
    for order in orders:
        assert restaurant.poll(order) == "CONFIRMED", "a bad URL does not stop an order"

    def refused() -> bool:
        lines = [line for line in restaurant.logged().splitlines() if "webhook refused" in line]
        return all(any(f'"{order}"' in line for line in lines) for order in orders)

    wait_until(refused)
    wait_until(lambda: restaurant.waiting("webhooks") == 0)
    assert len(customer_server.calls) == calls


def test_a_customer_on_the_line_hears_each_change(restaurant, number):
    order = number()
    url = f"{restaurant.sockets_url}?order_id={order}"
    line = websocket.create_connection(url, timeout=DEADLINE_S)
    try:
        wait_until(lambda: any_line(restaurant, order))
        restaurant.place(order_id=order)
        told = [json.loads(line.recv())["status"] for _ in range(2)]
    finally:
        line.close()
    assert told == ["PLACED", "CONFIRMED"]
    wait_until(lambda: not any_line(restaurant, order))


def any_line(restaurant, order: str) -> bool:
    lines = restaurant.table("connections").values()
    return any(item["order_id"] == order for item in lines)


def test_neither_addresses_nor_cards_are_logged_traced_stored_or_told(restaurant, number):
    order = number()
    secrets = ("Vicolo Segreto 7", "tok_visa", "4000000000000002")
    # Others may know these, but a log or a trace is read by many more.
    private = ("Zelda Geheim", "allergic to nuts", "hush-4711")
    seen = restaurant.listen()
    restaurant.place(order_id=order, card="4000000000000002")
    restaurant.place(
        order_id=order,
        customer="Zelda Geheim",
        wishes="I am allergic to nuts",
        callback_url="https://127.0.0.1/told?token=hush-4711",
        delivery={"address": "Vicolo Segreto 7"},
    )
    restaurant.poll(order, until=("DUE",))
    httpx.get(f"{restaurant.api_url}/deliveries/{order}", timeout=60)
    events = wait_until(lambda: both(seen, order) and seen())
    everything = {
        "logs": restaurant.logged(),
        "traces": b"".join(restaurant.traces.requests).decode("latin-1"),
        "events": json.dumps(events),
        "tables": str([restaurant.table(name) for name in restaurant.tables]),
        "calls": str([call.summary for call in restaurant.account.calls]),
    }
    for place, text in everything.items():
        for secret in (*secrets, *(private if place in ("logs", "traces") else ())):
            assert secret not in text, f"{secret} is in the {place}"
    assert order in everything["logs"]
    assert order in everything["traces"]


def test_every_line_of_the_log_names_its_order(restaurant, number):
    order = number()
    restaurant.place(order_id=order)
    restaurant.poll(order)
    lines = [line for line in restaurant.logged().splitlines() if line.startswith("{")]
    spoken = [json.loads(line) for line in lines]
    by = {line["service"] for line in spoken if line.get("correlation_id") == order}
    assert by >= {"orders", "saga", "kitchen"}
    assert all("correlation_id" in line for line in spoken if line["level"] == "INFO")
