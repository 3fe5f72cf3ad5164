"""What runs in the learner's processes; it imports nothing else of the course.

There it is the package `inside`, and not importable any more when a learner's first line is run.
"""
