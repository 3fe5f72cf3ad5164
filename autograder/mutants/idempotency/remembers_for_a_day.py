"""The inbox forgets after a day: “no retry takes longer”. A redrive after the weekend does.

Loses: seven-days, notebook
"""

SEVEN_DAYS = 24 * 60 * 60
