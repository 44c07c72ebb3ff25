"""Statistics of A/B tests: pure functions on counts, no database, no framework.

Start at `evaluation.evaluate`; `sample_size.needed_per_arm` plans, `allocation.assign` splits people.
"""
