"""The kitchen: takes orders from a queue, one ticket per order, and answers to whoever asked.

``handler``   the queue's consumer
``incoming``  what the kitchen understands of others' messages
``core``      what it cooks and what it refuses: no AWS
``events``    what it answers
``tickets``   the kitchen's table
"""
