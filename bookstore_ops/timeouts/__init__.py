"""How long Terraform waits for each resource, which value says so, and how to change it."""
