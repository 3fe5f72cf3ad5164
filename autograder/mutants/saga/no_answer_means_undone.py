"""An undo without an answer counts as done, “for its reply was lost”. The request was: the card stays
charged.

Loses: undo-fails
"""

from botocore.exceptions import HTTPClientError


def undo(order):
    for function, _, action in reversed(STEPS):
        try:
            call(function, action, order)
        except HTTPClientError as error:
            print(f"{action}: no answer: {error}")
    change(order, "SET #status = :new", "FAILED")
