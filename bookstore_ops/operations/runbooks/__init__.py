"""Runbooks: what `bsops runbook` does."""
