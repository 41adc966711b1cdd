"""What CareLens costs: `make bench`, or `python -m benchmarks --help`."""
