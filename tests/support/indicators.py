"""A house with something of every sort to count in November 2026, and its pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from dashboard.page_services import page_services
from dashboard.web.services import WebServices
from dashboard.wiring import House, open_house
from evidence.cases import Case, Step
from evidence.ids import CaseNo
from tests.support.index import LATER, World, at, step

if TYPE_CHECKING:
    from dashboard.plant import Plant

PAIR = ("E1", "E2")


class HouseWorld(World):
    """The small bureau in the register of a house."""

    def __init__(self, house: House) -> None:
        """Write into this house, by its own law."""
        self.register = house.register
        self.catalogue = house.catalogue
        self.reviewer = house.reviewer
        self.library = house.library

    def case(self, case_no: str, unit: str, *steps: Step) -> None:
        """Import a case with its steps."""
        case = Case(CaseNo(case_no), f"{unit or '无单位'}的案件", unit=unit, opened_at=at(-60), concluded_at=at(900))
        self.put(lambda tx: self.catalogue.put_cases(tx, [case]))
        self.put(lambda tx: self.catalogue.put_steps(tx, steps))


@contextmanager
def busy_house(root: Path) -> Iterator[House]:
    """Open a house with three cases, recordings on time, late and in doubt, and nothing filed."""
    with open_house(root, lang="zh-CN", actor="值班员") as house:
        house.clock = lambda: LATER
        world = HouseWorld(house)
        world.staff()
        many = [step("A", str(n), window=(n * 100, n * 100 + 20), officers=PAIR) for n in range(12)]
        world.case("A", "执法大队", *many, step("A", "90", procedure="SEIZE", window=(60, 90)))
        world.case("B", "", step("B", window=(221, 235), officers=PAIR), step("B", "2", procedure="INQUIRY"))
        world.case("C", "监测站", step("C", "1", procedure="DECISION", window=(0, 20), officers=PAIR))
        for n in range(4):
            world.clip(f"whole {n}", (n * 100, n * 100 + 20))
        world.clip("half", (60, 75))
        world.clip("disputed", (0, 30), device="D2", disputed=True)
        world.clip("nobody", (450, 460), device="UNKNOWN")
        yield house


def services(house: House) -> WebServices:
    """Return what its pages need; nothing is watched."""
    return page_services(house, cast("Plant", SimpleNamespace(settling=[])))
