"""What the system tells of its clock, and what is made of it."""

from pathlib import Path

import pytest

from config.system_clock import KernelClock, ask_kernel, boot_id, steady_s, synchronisation
from evidence.timekeeping import Synchronisation, Teller

OK, INSERTING, ERROR = 0, 1, 5
UNSYNC, PLL = 0x40, 0x1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (KernelClock(OK, PLL, 12_500), Synchronisation(kept=True, told_by=Teller.KERNEL, max_error_s=0.0125)),
        (KernelClock(INSERTING, PLL, 900), Synchronisation(kept=True, told_by=Teller.KERNEL, max_error_s=0.0009)),
        (KernelClock(ERROR, UNSYNC, 16_000_000), Synchronisation(kept=False, told_by=Teller.KERNEL)),
        (KernelClock(ERROR, PLL, 900), Synchronisation(kept=False, told_by=Teller.KERNEL)),
        (KernelClock(OK, UNSYNC, 900), Synchronisation(kept=False, told_by=Teller.KERNEL)),
    ],
)
def test_the_kernel_says_whether_the_clock_is_kept(said: KernelClock, kept: Synchronisation, tmp_path: Path) -> None:
    """State and status bits both have to be right; a greatest error is warranted only then."""
    mark = tmp_path / "synchronized"
    mark.touch()
    assert synchronisation(lambda: said, mark) == kept, "an old mark of systemd's does not overrule the kernel"


def test_without_the_kernel_systemd_is_asked(tmp_path: Path) -> None:
    """Where the kernel may not be asked, systemd's mark says yes, and its absence says nothing."""
    mark = tmp_path / "synchronized"
    assert synchronisation(lambda: None, mark) == Synchronisation()
    mark.touch()
    assert synchronisation(lambda: None, mark) == Synchronisation(kept=True, told_by=Teller.SYSTEMD)


def test_the_real_kernel_answers_or_says_nothing() -> None:
    """Asking this machine's kernel changes nothing and needs no rights: a state of adjtimex(2), or no answer."""
    said = ask_kernel()
    assert said is None or (said.state in range(6) and said.max_error_us >= 0)


def test_the_steady_clock_does_not_go_back() -> None:
    """Two looks are in order."""
    first = steady_s()
    assert steady_s() >= first


def test_a_boot_has_a_name_or_none(tmp_path: Path) -> None:
    """The kernel's name of this boot is read as it is; where there is none, it is empty."""
    named = tmp_path / "boot_id"
    assert boot_id(named) == ""
    named.write_text("8c1d0f4e\n")
    assert boot_id(named) == "8c1d0f4e"
    assert boot_id() == boot_id()
