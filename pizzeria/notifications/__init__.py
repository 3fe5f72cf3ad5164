"""Notifications: tells customers how their orders stand, whichever way they like to hear it.

``handler``      the queue's consumer: keeps the status of each order, from what others tell
``status``       polling: GET /orders/{order_id}/status
``webhooks``     we call the customer: a queue, a signature, retries
``sockets``      the customer stays on the line: who is connected
``broadcaster``  … and hears of each change
``incoming``     what notifications understand of others' messages
``core``         which status may follow which, and how a call is signed: no AWS
``outward``      where a customer's URL may point: no AWS
``events``       what this service tells
``statuses``, ``connections``, ``calls``  the two tables, and the way out to a customer's server
"""
