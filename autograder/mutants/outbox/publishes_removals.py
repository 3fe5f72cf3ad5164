"""Takes the entry from whichever image there is. For a removal, and for the clearing itself, that is the
old one, whose events were published before.

Loses: publish, silence, refused, notebook
"""


def process(record):
    images = record["dynamodb"]
    for image in (images.get("NewImage", {}), images.get("OldImage", {})):
        if "outbox" in image:
            entry = image["outbox"]["M"]
            publish(entry["event"]["S"])
            clear(images["Keys"]["order_id"]["S"], entry["id"]["S"])
            return
