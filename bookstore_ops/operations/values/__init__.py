"""An environment's values: what `bsops tfvars` does."""
