"""Checks of everything a run depends on, before one is begun."""
