"""The page that people look at without typing commands: its data, its parts, the file."""
