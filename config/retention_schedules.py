r"""Reads retention schedules: one TOML file that an archivist can read and a bureau can write for itself.

::

    schedule_id, version             # the version is raised with every change; nothing promised before is shortened
    [names]                          # zh-CN, en
    [assign]
      unlinked, unclassified         # the classes of what hangs on no step, and of what nobody can place yet
      [assign.matter_types]          # word of the case record → classes
      [assign.procedures]            # code of the law pack → classes, by any step of the case
    [disposal]                       # important = true: what a camera marked may be proposed too
    [lock]                           # ahead_months, for what has no end
    [classes.CODE]                   # names, words, months or keep_for_ever, runs_from, basis, set_by, …

Every mistake is named by file and key, and a schedule is taken whole or not at all.
"""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from config.data_files import read_toml
from evidence.errors import ConfigError
from evidence.schedules import RetentionClass, RunsFrom, Schedule

RETENTION_FOLDER = Path(__file__).parent / "retention"
"""The schedules that ship with the product, a file per place."""

DEFAULT_SCHEDULE = RETENTION_FOLDER / "cn-xj-turpan-gaochang.toml"
LOCALES = frozenset({"zh-CN", "en"})
LONGEST_MONTHS = 1200
CURE = "mend or remove that key; config/retention_schedules.py shows the form"

Filled = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Classes = Annotated[tuple[Code, ...], Field(min_length=1)]
Words = dict[str, Filled]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _complete(words: Words, key: str) -> None:
    missing = sorted(LOCALES - words.keys())
    if missing:
        raise ValueError(f"{key} lack {' and '.join(missing)}")


class _Class(_File):
    names: Words
    words: Words
    months: Annotated[int, Field(ge=1, le=LONGEST_MONTHS)] | None = None
    keep_for_ever: Literal[True] | None = None
    runs_from: RunsFrom
    basis: Filled
    set_by: Filled
    policy: bool
    valid_from: date

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        _complete(self.names, "names")
        _complete(self.words, "words")
        if (self.months is None) == (self.keep_for_ever is None):
            raise ValueError("give either months or keep_for_ever = true")
        return self

    def named(self, code: str) -> RetentionClass:
        """Return the class of the core."""
        return RetentionClass(code=code, **{key: getattr(self, key) for key in PLAIN})


PLAIN = ("names", "words", "months", "runs_from", "basis", "set_by", "policy", "valid_from")


class _Assign(_File):
    unlinked: Code
    unclassified: Code
    matter_types: dict[Filled, Classes] = {}
    procedures: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], Classes] = {}


class _Disposal(_File):
    important: bool = False


class _Lock(_File):
    ahead_months: Annotated[int, Field(ge=2, le=120)] = 12


class _Schedule(_File):
    schedule_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9/._-]*$", max_length=100)]
    version: Annotated[str, Field(pattern=r"^[^@\s]{1,20}$")]
    names: Words
    assign: _Assign
    disposal: _Disposal = _Disposal()
    lock: _Lock = _Lock()
    classes: Annotated[dict[Code, _Class], Field(min_length=1)]

    @model_validator(mode="after")
    def names_every_locale(self) -> Self:
        _complete(self.names, "names")
        return self


@lru_cache(maxsize=1)
def default_schedule() -> Schedule:
    """Return the schedule that ships with the product."""
    return load_schedule(DEFAULT_SCHEDULE)


def load_schedule(file: Path, procedures: Collection[str] | None = None) -> Schedule:
    """Read a schedule.

    Args:
        file: the TOML file.
        procedures: codes of the law pack in force here; None lets any pass.

    Raises:
        ConfigError: the file is missing or wrong; names the file, the key and what to do.
    """
    read = _read(file)
    _check(file, read)
    schedule = Schedule(
        schedule_id=read.schedule_id,
        version=read.version,
        names=read.names,
        classes={code: one.named(code) for code, one in read.classes.items()},
        unlinked=read.assign.unlinked,
        unclassified=read.assign.unclassified,
        matter_types=read.assign.matter_types,
        procedures=read.assign.procedures,
        disposes_important=read.disposal.important,
        lock_ahead_months=read.lock.ahead_months,
    )
    return check_procedures(schedule, procedures, file) if procedures is not None else schedule


def check_procedures(schedule: Schedule, procedures: Collection[str], file: Path = DEFAULT_SCHEDULE) -> Schedule:
    """Return a schedule whose procedures are all known: a misspelt code would classify nothing, silently.

    Raises:
        ConfigError: the law pack does not know one.
    """
    unknown = sorted(schedule.procedures.keys() - set(procedures))
    if unknown:
        cure = "write a code of the law pack in force, or remove it; `law.pack` says which pack that is"
        raise _wrong(file, f"assign.procedures.{unknown[0]}", "the law pack has no such procedure", cure)
    return schedule


def _check(file: Path, read: _Schedule) -> None:
    """See that every class that something is assigned to is there, and fits."""
    assigned: dict[str, tuple[str, ...]] = {
        "assign.unlinked": (read.assign.unlinked,),
        "assign.unclassified": (read.assign.unclassified,),
    }
    assigned |= {f"assign.matter_types.{name}": codes for name, codes in read.assign.matter_types.items()}
    assigned |= {f"assign.procedures.{name}": codes for name, codes in read.assign.procedures.items()}
    for key, codes in assigned.items():
        for code in codes:
            if code not in read.classes:
                raise _wrong(file, key, f"there is no class {code}", f"write [classes.{code}], or name another class")
    if read.classes[read.assign.unlinked].runs_from is not RunsFrom.INTAKE:
        raise _wrong(
            file, f"classes.{read.assign.unlinked}.runs_from", "unlinked footage has no case", 'write "intake"'
        )
    if not read.classes[read.assign.unclassified].keep_for_ever:
        key = f"classes.{read.assign.unclassified}.keep_for_ever"
        raise _wrong(file, key, "what nobody can place is kept", "write keep_for_ever = true, and no months")


def _read(file: Path) -> _Schedule:
    cure = "name the file of a retention schedule in `vault.retention`, or leave it empty"
    return read_toml(file, TypeAdapter(_Schedule), unreadable=cure, wrong=CURE)


def _wrong(file: Path, key: str, what: str, cure: str) -> ConfigError:
    return ConfigError(f"{key}: {what}", subject=str(file), cure=cure)
