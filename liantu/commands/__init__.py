"""The commands: one a file, then one a registered analysis, in the order of the help."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files

from liantu.commands._analysis import analysis_command
from liantu.commands._help import Command
from liantu.results import find, registry
from liantu.vocabulary import Lang, terms


def command_names() -> list[str]:
    """Return the names of the commands: those of this room, then the analyses."""
    return [
        *(name for name in terms("command") if _file(name)),
        *(each.command for each in registry().values()),
    ]


def command_of(name: str, lang: Lang) -> Command | None:
    """Return a command with its help in a language; nothing but its own file is loaded for it."""
    file = _file(name)
    if file:
        found: Command = import_module(f"liantu.commands.{file}").command(lang)
        return found
    analysis = find(name)
    return analysis_command(analysis, lang) if analysis else None


def commands(lang: Lang) -> dict[str, Command]:
    """Return every command by name, with its help in a language."""
    found = {name: command_of(name, lang) for name in command_names()}
    return {name: command for name, command in found.items() if command}


def _file(name: str) -> str:
    """Return the name of the module of a command; a word of Python has a line after it."""
    for file in (name, f"{name}_"):
        if file.isidentifier() and files("liantu.commands").joinpath(f"{file}.py").is_file():
            return file
    return ""
