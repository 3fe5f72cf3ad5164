"""Of the attributes only the values are counted, not their names and types: they look like
syntax.

Loses: limit, notebook
"""


def message_size(body, attributes):
    values = [value["StringValue"] for value in attributes.values()]
    return sum(len(text.encode()) for text in (body, *values))
