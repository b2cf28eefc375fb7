"""Feature flags: their values in AppConfig, and giving one to more and more customers.

Terraform makes the flags and their first values, and then looks away (modules/feature-flags). What
is deployed from then on is the operators': a plan after any change of a flag is empty.
"""
