"""The order service: takes orders, owns them, and tells what becomes of them.

``api``        POST /orders
``decisions``  confirm or fail an order, for the saga
``publisher``  publishes the outbox
``core``       what an order is and may become: no AWS
``events``     what this service tells
``store``      the order table
"""
