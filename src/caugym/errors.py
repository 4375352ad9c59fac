"""The one exception for a user's mistake: the command line turns it into one clear line and exit code 2."""


class InputError(ValueError):
    """Input or options that cannot be used. The message names the bad value, where it stands and what to do."""
