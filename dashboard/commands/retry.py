"""``evidock retry``: try failed work again."""

from typing import Annotated

import typer

from dashboard.console import say
from dashboard.options import HomeOption, LangOption
from dashboard.progress import Bars
from dashboard.wiring import House, open_house
from dashboard.works import Helper, Works
from evidence.errors import UsageError

POLL_S = 0.2


def run(
    clip: Annotated[str, typer.Argument(help="Digest of a failed clip, or its first 6 digits or more.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Everything that failed.")] = False,
    home: HomeOption = None,
    lang: LangOption = None,
) -> None:
    """Try failed clips and files again, and wait for them; works beside a running ``evidock up``."""
    if not clip and not every:
        raise UsageError("nothing was named", cure="name a clip, or say --all")
    with open_house(home, lang=lang) as house:
        works = Works(house)
        with works.helping("evidock retry") as helper:
            works.plant.retry(clip or None)
            _wait(house, works, helper)
        totals = house.library.totals()
        say(house.texts.t("cli.retry.done", failed=totals.failed + totals.pickups_failed))
    raise typer.Exit(1 if totals.failed + totals.pickups_failed else 0)


def _wait(house: House, works: Works, helper: Helper) -> None:
    total = works.plant.desk.unfinished()
    with Bars(total, house.texts.t("cli.take_in.files")) as bars:
        while left := works.plant.desk.unfinished():
            bars.show(max(0, total - left), house.board.files())
            helper.step_in()
            house.pause(POLL_S)
