"""The restaurant on its opening night: an order service, a queue, a kitchen, and plain JSON.

The smallest point-to-point integration that works. What the services beside this folder add
(envelopes, replies, an outbox, a saga …) is added for a reason that shows once this one is busy.
"""
