"""The exception whose message is shown to the user without a traceback."""


class StackError(Exception):
    """A problem that the user can fix; the message says what is wrong, where, and what to do."""
