"""One module per table: its record and its queries."""
