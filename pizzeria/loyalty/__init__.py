"""The loyalty programme: points for confirmed orders, once per order, whatever is delivered twice.

``handler``   the queue's consumer
``incoming``  what loyalty understands of others' messages
``core``      how many points an order is worth: no AWS
``accounts``  the loyalty table
"""
