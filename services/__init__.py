"""One folder a service, the same rooms in each; services never import each other."""
