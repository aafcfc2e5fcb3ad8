"""The papers that evenhand stands on, run again claim by claim: ``python -m reproductions``, from a clone."""
