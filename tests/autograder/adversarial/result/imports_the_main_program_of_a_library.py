"""Has the zygote, which loads libraries beforehand, load one that leaves.

Told: while kitchen.py was being imported
"""

import jsonschema.__main__  # noqa
