"""What is wrong with what the user gave, in one line."""


class Problem(ValueError):
    """Says what, where, and what to do; shown without a traceback."""
