"""Charts as Vega-Lite specifications, a module for each kind.

Names and values of a project stand in data and titles alone, never where Vega-Lite reads
expressions or the names of fields.
"""
