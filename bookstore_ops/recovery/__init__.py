"""Moving to the other region: what is ready there, and what would be lost.

Only the other region is asked, as it must be on the day on which this one is gone.
"""
