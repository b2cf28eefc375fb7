"""A load test of one service, through the environment's own API."""
