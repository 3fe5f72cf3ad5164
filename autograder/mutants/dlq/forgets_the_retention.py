"""The dead-letter queue is made with the default retention of four days: over a long weekend the
evidence is gone.

Loses: queues, notebook
"""

FOURTEEN_DAYS = 4 * 24 * 60 * 60
