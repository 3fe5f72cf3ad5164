"""Is nested so deeply that compilers have crashed on it.

Told: kitchen.py could not be imported
"""

# DEEP
