"""The other region: what `bsops dr` does."""
