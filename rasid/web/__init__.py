"""Every service's routes, the pages, health and metrics behind one door."""
