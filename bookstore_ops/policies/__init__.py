"""Policies: small checks of a plan, written in Python or Rego (``environments/policies``)."""
