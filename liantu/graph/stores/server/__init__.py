"""The shared store: a network in a Neo4j database, beside others and beside foreign data."""

from __future__ import annotations
