"""Backups of everything that holds data: what there is, and what it is good for.

What stores there are is read from the state, so that nothing here needs Terraform: on the day on
which a store must be restored, Terraform may be a part of what is broken. A restore makes
something new beside the old, and never writes over it.
"""
