"""Analytics: counts what it hears, whatever that is, and knows nobody by name.

``handler``  the queue's consumer
``counts``   the analytics table
"""
