"""The values of an environment: read, checked against the tree, and changed in place."""
