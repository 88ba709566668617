"""The one exception that is shown to the user as a sentence instead of a traceback."""


class StackError(Exception):
    """Something the user can mend; the message says what is wrong, where, and what to do."""
