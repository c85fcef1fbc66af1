"""Runtimes: bytes in, records out, and how far it got."""
