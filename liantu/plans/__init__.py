"""From what is to what would be: two networks side by side, and a plan edit by edit."""
