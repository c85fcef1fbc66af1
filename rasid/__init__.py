"""The front door: the command line, and the whole house in one process."""

__version__ = "0.1.0"
