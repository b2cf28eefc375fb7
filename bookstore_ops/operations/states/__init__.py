"""The state: what `bsops state` does."""
