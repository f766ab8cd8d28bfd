"""Generated data sets: seeded, and with a known optimum where mathematics gives one."""
