"""Callbacks that log what a framework reports: a module each, which alone imports its library."""
