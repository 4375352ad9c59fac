"""``python -m caugym``: the same as the ``caugym`` command."""

from caugym.cli import main

if __name__ == "__main__":
    main()
