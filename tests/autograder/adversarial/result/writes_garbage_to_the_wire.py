"""Sends what is no JSON to the grader.

Told: sent something that is no reply
"""

os.write(3, bytes(range(256)) + b"\n")
