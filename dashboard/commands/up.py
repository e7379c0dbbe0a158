"""``evidock up``: watched folders, pipeline and pages on this machine."""

from contextlib import ExitStack
from typing import Annotated

import typer

from dashboard.console import say
from dashboard.options import ActorOption, HomeOption, LangOption
from dashboard.serve import PageServer
from dashboard.wiring import open_house
from dashboard.works import Works


def run(
    home: HomeOption = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port of the pages; 0 is any.")] = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Watch the docks, run the pipeline and serve the pages, until stopped with Ctrl-C."""
    with ExitStack() as stack:
        house = stack.enter_context(open_house(home, lang=lang, actor=actor))
        works = Works(house)
        stack.enter_context(works.serving("evidock up"))
        server = stack.enter_context(PageServer(house, works.plant, port))
        say(house.texts.t("cli.up.serving", url=server.url, dock=str(house.home.dock)))
        server.wait()
