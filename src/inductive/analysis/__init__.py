"""A study's results as frames, statistics over seeds, and the verdicts on claims."""
