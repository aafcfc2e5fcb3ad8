"""Reproductions of the papers behind evenhand, claim by claim: ``python -m reproductions``, from a clone."""
