"""The bundled cases: a compact description each, and how one becomes tables and claims."""
