"""Values to text: views make tables, formats print them; pure."""
