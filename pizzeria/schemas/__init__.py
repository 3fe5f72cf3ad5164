"""The JSON Schemas of all messages, generated from the models of the services that own them."""
