"""What rasid runs on: for development, for tests, in production."""
