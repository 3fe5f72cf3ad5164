"""The autograder: runs a learner's module against a local AWS, breaks things, and judges."""
