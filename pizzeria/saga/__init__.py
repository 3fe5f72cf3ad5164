"""The saga: reserve the stock, charge the card, ask the kitchen, confirm; or undo it all, last thing first.

The same three ways. One of them is deployed:

``by_hand``         a state in a table and a function that takes the next step (its pure part: ``core``)
``step_functions``  a state machine, ``order_saga.asl.json``, and a door in and out
``durable``         plain Python that Lambda replays, and ``durable_doors``

What all have in common: ``incoming`` (what the saga understands), ``events`` (what it says), ``participants``
(how it asks others).
"""
