"""Reads history, to bring it in or to run it again."""
