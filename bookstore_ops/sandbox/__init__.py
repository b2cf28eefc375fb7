"""The embedded AWS: a moto server owned by the workspace, and a copy of the tree that uses it."""
