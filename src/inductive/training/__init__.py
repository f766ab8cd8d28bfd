"""Training: many seeds at once, one loop, checkpoints that resume exactly."""
