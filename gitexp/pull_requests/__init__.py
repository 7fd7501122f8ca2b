"""The two sides of a pull request, found, compared and judged."""
