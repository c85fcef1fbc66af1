"""A Kafka broker without a container, for development and tests."""
