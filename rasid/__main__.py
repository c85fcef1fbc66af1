"""`python -m rasid` is `rasid`."""

from rasid.cli import main

if __name__ == "__main__":
    main()
