"""What an environment's state needs before its first shared apply: a home, a lock, a move."""
