"""Runs that other tools have recorded, brought onto the experiments branch."""
