"""What an operator sees: the terminal, live progress, plans, ledgers. The only importer of rich."""
