"""A study's results as frames, statistics over seeds, and the judge of claims."""
