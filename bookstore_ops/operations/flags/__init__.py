"""Feature flags: what `bsops flags` does."""
