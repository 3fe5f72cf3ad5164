"""Draws labs/outbox/killed.svg from a run of the reference: python docs/outbox_killed.py"""

from autograder.checks.order_events import Restaurant
from autograder.grading import open_engine
from autograder.labs import load_lab
from autograder.sandbox import Sandbox
from autograder.world import Bench, Schedule, World
from localcloud import kill
from visuals import timeline

lab = load_lab("outbox")
schedule = Schedule((kill("after", at=2),))
with (
    open_engine(lab) as cloud,
    Sandbox(lab.solution, module_name=lab.module_name, endpoint_port=cloud.port) as sandbox,
):
    world = World(Bench(cloud, sandbox, lab.called, "picture", lab.variables), schedule, "")
    restaurant = Restaurant(world)
    order = {"order_id": "1002", "customer": "Grace", "pizza": "funghi", "quantity": 1}
    restaurant.place(order)
    while not any(call.operation == "UpdateItem" for call in world.calls):
        restaurant.mapping.deliver()
    picture = timeline(
        world.calls,
        title="The publisher is killed after it has published",
        caption="The event is on the bus twice, with the same id; its entry is cleared in the end.",
        highlight=["killed after"],
    )
    world.close()
picture.save(lab.folder / "killed.svg")
