"""Help from others: what `bsops support` does."""
