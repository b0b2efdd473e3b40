"""From a published text to tables that a person has checked.

Dictionaries and rules find what may become rows, each with its sentence and place; a language
model only by the user's own endpoint and choice; nothing enters a network unless a person said so.
"""

from liantu.extract.accept import Accepted, accept
from liantu.extract.book import write_candidates
from liantu.extract.candidates import Candidate, Found, extract
from liantu.extract.listed import Listed, read_list
from liantu.extract.model import Answer, Model, ask, model_of

__all__ = [
    "Accepted",
    "Answer",
    "Candidate",
    "Found",
    "Listed",
    "Model",
    "accept",
    "ask",
    "extract",
    "model_of",
    "read_list",
    "write_candidates",
]
