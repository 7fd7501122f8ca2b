"""Stopping runs that will not come to anything: what they report, and who decides."""
