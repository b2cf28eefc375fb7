"""A load test: requests at a constant rate, what came of them, and whether that is enough."""
