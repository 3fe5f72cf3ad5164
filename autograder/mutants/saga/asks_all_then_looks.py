"""All three are asked, and then it looks who has refused: the card is charged for pizzas that are not there,
and the money given back.

Loses: undo, notebook
"""


def go_forward(order):
    refusals = []
    for function, action, _ in STEPS:
        try:
            call(function, action, order)
        except Refused as refusal:
            refusals.append(str(refusal))
    if refusals:
        return decide(order, "UNDOING", refusals[0])
    return decide(order, "CONFIRMED")
