"""What the speed claims are measured with: `make bench`. Each figure is a ratio to a reference measured in the same run."""
