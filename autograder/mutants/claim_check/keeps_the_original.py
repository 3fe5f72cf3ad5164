"""The document is stored with the order, compressed, for whoever has a question later. An item may have 400
KB: large documents, which are why there is a cloakroom, cannot be packed.

Loses: redeem, notebook
"""

import gzip


def parse_order(document):
    order = json.loads(document)
    return {
        "order_id": order["order_id"],
        "pizzas": sum(line["quantity"] for line in order["lines"]),
        "deliver_to": order["customer"]["address"] if "customer" in order else "counter",
        "status": "PACKED",
        # The coat expires; whoever has a question later finds the order as it was written.
        "original": gzip.compress(document.encode()),
    }
