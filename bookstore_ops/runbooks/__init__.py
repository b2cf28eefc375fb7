"""Runbooks: pages that people read and bsops runs."""
