"""What has no kind, or one that is not known, is taken for a document: who else would send something
here?

Loses: broken, notebook
"""


def document_of(record):
    kind = record["messageAttributes"].get("kind", {}).get("stringValue", "document")
    return redeem(json.loads(record["body"])) if kind == "claim" else record["body"]
