"""Submissions that attack their grading, one a file: its docstring says how, and what it must be told.

Each is run after `prelude.py`, which gives it tools and the FACTS of the grading that it attacks, and
before functions that do nothing, for those that it does not define.
"""
