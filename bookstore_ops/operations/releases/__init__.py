"""Releases: what `bsops release` does."""
