"""The dependencies of a tree: read from Terraform, followed, laid out and drawn."""
