"""The command that makes a synthetic region."""

from __future__ import annotations

from pathlib import Path

from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._session import Session
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.argument("out", lang, opt.Output(), "out_folder"),
        opt.option("schools", lang, opt.number(whole=True, low=1), default=80),
        opt.option("seed", lang, opt.number(whole=True, low=0), default=0),
        opt.option("force", lang),
    ]
    example = "liantu generate region --schools 200 --seed 7"
    return make("generate", lang, generate, params, example)


def generate(session: Session, *, out: Path, schools: int, seed: int, force: bool) -> None:
    """Generate a synthetic region."""
    from liantu.loaders.generate import generate as make

    with progress.shown(session.lang):
        progress.step("step_write", out)
        make(out, schools=schools, seed=seed, force=force)
    session.tell(session.say("wrote", value=out))
