"""Charts as values, and what draws them: a terminal, or Vega-Lite for pictures."""
