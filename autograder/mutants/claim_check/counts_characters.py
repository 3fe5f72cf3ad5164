"""The size of a message is counted in characters: len of a text is what comes to mind, and for a
menu without accents it is right.

Loses: limit, notebook
"""


def message_size(body, attributes):
    texts = [body]
    for name, value in attributes.items():
        texts += [name, value["DataType"], value["StringValue"]]
    return sum(len(text) for text in texts)
