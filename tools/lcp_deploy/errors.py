"""What is wrong with what the user gave or with a device, in one line each."""


class Problem(Exception):
    """Says what, where, and what to do; shown without a traceback. Several lines
    are several problems."""
