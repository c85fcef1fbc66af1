"""The history of the database's schema; rasid/schema.py applies it."""
