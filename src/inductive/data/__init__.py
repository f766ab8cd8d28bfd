"""Data sets: fetching, readers of files (`formats`), generators (`generated`), and loading."""
