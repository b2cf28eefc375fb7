"""What holds the state: the locks themselves, and whether their holders live."""
