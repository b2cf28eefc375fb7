"""Backups: what `bsops backup` does."""
