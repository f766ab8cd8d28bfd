"""Planning and running the steps of all studies."""
