"""The store: keeps what was tagged, finds it, and publishes it."""
