"""Planning, running and joining the steps of all studies."""
