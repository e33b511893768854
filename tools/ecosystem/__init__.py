"""What the default rules say about pinned releases of real packages, against a reviewed list of findings."""
