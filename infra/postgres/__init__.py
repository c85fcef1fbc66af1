"""PostgreSQL for development and for the tests, without a container."""
