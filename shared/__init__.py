"""The contract between services (events, topology) and the small kernel that carries it."""
