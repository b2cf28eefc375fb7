"""A page as an AWS Systems Manager Automation document, for runs without a laptop."""
