"""What runs in the learner's processes: the standard library, boto3 and time-machine, nothing of the course.

`zygote.py` is started as a script and finds its neighbours beside it; they are gone from the import
path before the first line of a learner is run.
"""
