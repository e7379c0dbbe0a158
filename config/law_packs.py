r"""Reads law packs: a folder of two TOML files that a lawyer can read and a bureau can write for its own regulation.

::

    pack.toml                        # identity, force dates, names, the bureau's policy
      pack_id, version, in_force_from, in_force_to
      [names]                        # zh-CN, en
      [policy]                       # tolerances, and who set them, where a procedure says nothing else
      [thresholds]                   # for findings about clips
      [extensions]                   # CODE = true switches a procedure's extension on
      [citations.KIND]               # article and words for a finding no procedure speaks of
    procedures.toml
      [CODE]                         # names, stage, article, quote, duty, coverage, … one table per procedure

Every mistake is named by file and key, and a pack is taken whole or not at all.
"""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from config.data_files import read_toml
from evidence.errors import ConfigError
from evidence.findings import FindingKind
from evidence.law import Citation, Coverage, Duty, LawPack, Rule, Thresholds

LAW_FOLDER = Path(__file__).parent / "law"
"""The packs that ship with the product: a folder per place, in it a folder per instrument."""

DEFAULT_PACK = LAW_FOLDER / "cn-xj-turpan-gaochang" / "2019-full-process-record"

LOCALES = frozenset({"zh-CN", "en"})

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Filled = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Stage = Literal["start", "investigate", "review", "serve", "execute", "archive"]
Read = TypeVar("Read")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Names(_File):
    names: dict[str, Filled]

    @model_validator(mode="after")
    def has_every_locale(self) -> Self:
        missing = sorted(LOCALES - self.names.keys())
        if missing:
            raise ValueError(f"names lack {' and '.join(missing)}")
        return self


class _Policy(_File):
    edge_tolerance_s: Seconds
    hole_tolerance_s: Seconds
    set_by: Filled
    reference: Filled


class _Coverage(_File):
    min_share: Annotated[float, Field(gt=0, le=1)] | None = None
    min_objects: Annotated[int, Field(ge=1)] | None = None
    lead_s: Seconds
    lag_s: Seconds
    edge_tolerance_s: Seconds | None = None
    hole_tolerance_s: Seconds | None = None
    set_by: Filled | None = None
    reference: Filled | None = None

    @model_validator(mode="after")
    def measures_one_way(self) -> Self:
        if (self.min_share is None) == (self.min_objects is None):
            raise ValueError("give either min_share or min_objects")
        return self

    def under(self, policy: _Policy) -> Coverage:
        """Return the coverage with what it leaves open taken from the pack's policy."""
        own = self.model_dump(exclude_none=True)
        return Coverage(**{"min_share": None, "min_objects": None, **policy.model_dump(), **own})


class _Extension(_File):
    duty: Duty
    quote: str
    coverage: _Coverage | None = None


class _Procedure(_Names):
    stage: Stage
    article: Filled
    quote: str
    duty: Duty
    coverage: _Coverage | None = None
    officers_min: Annotated[int, Field(ge=0)] | None = None
    exemption_allowed: bool = False
    documents: tuple[Filled, ...] = ()
    deadline: str = ""
    deadline_from: str = ""
    aliases: tuple[Filled, ...] = ()
    extension: _Extension | None = None

    @model_validator(mode="after")
    def measures_its_duty(self) -> Self:
        for part in (self, self.extension) if self.extension else (self,):
            if part.duty.requires_footage != (part.coverage is not None):
                raise ValueError("coverage belongs to the duties simultaneous and any_form, and to no other")
            if part.duty.requires_footage and not part.quote:
                raise ValueError("a duty to record needs the article's words as its quote")
        return self

    def as_rule(self, code: str, policy: _Policy, *, extended: bool) -> Rule:
        """Return the rule, with its extension in the place of the article's own duty where the bureau wants that."""
        source = self.extension if extended and self.extension else self
        return Rule(
            code=code,
            names=self.names,
            stage=self.stage,
            article=self.article,
            quote=source.quote,
            duty=source.duty,
            coverage=source.coverage.under(policy) if source.coverage else None,
            officers_min=self.officers_min,
            exemption_allowed=self.exemption_allowed,
            documents=self.documents,
            deadline=self.deadline,
            deadline_from=self.deadline_from,
            aliases=self.aliases,
        )


class _Thresholds(_File):
    blocked_s: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    silent_head_s: Seconds
    upload_grace_h: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    record_time_s: Annotated[float, Field(ge=60, allow_inf_nan=False)] = 180.0
    set_by: Filled
    reference: Filled


class _Citation(_File):
    article: Filled
    quote: Filled


class _Pack(_Names):
    pack_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9/._-]*$")]
    version: Filled
    in_force_from: date
    in_force_to: date | None = None
    policy: _Policy
    thresholds: _Thresholds
    extensions: dict[Code, bool] = {}
    citations: dict[FindingKind, _Citation] = {}

    @model_validator(mode="after")
    def has_force(self) -> Self:
        if self.in_force_to is not None and self.in_force_to < self.in_force_from:
            raise ValueError("in_force_to lies before in_force_from")
        return self


_PACK = TypeAdapter(_Pack)
_PROCEDURES = TypeAdapter(Annotated[dict[Code, _Procedure], Field(min_length=1)])


@lru_cache(maxsize=1)
def default_pack() -> LawPack:
    """Return the pack that ships with the product."""
    return load_pack(DEFAULT_PACK)


def load_pack(folder: Path) -> LawPack:
    """Read the pack of a folder (``pack.toml`` and ``procedures.toml``).

    Raises:
        ConfigError: a file is missing or wrong; names the file, the key and what to do.
    """
    head = _read(folder / "pack.toml", _PACK)
    procedures = _read(folder / "procedures.toml", _PROCEDURES)
    _check_extensions(folder / "pack.toml", head, procedures)
    return LawPack(
        pack_id=head.pack_id,
        version=head.version,
        names=head.names,
        in_force_from=head.in_force_from,
        in_force_to=head.in_force_to,
        rules={
            code: row.as_rule(code, head.policy, extended=head.extensions.get(code, False))
            for code, row in procedures.items()
        },
        thresholds=Thresholds(**head.thresholds.model_dump()),
        citations={kind.value: Citation(c.article, c.quote) for kind, c in head.citations.items()},
    )


def _check_extensions(file: Path, head: _Pack, procedures: dict[str, _Procedure]) -> None:
    for code in head.extensions:
        if code not in procedures or procedures[code].extension is None:
            cure = f"remove it, or give [{code}] in procedures.toml an extension"
            raise ConfigError(f"extensions.{code}: no such extension", subject=str(file), cure=cure)


def _read(file: Path, form: TypeAdapter[Read]) -> Read:
    unreadable = "a law pack is a folder with pack.toml and procedures.toml"
    wrong = "mend or remove that key; config/law_packs.py shows the form"
    return read_toml(file, form, unreadable=unreadable, wrong=wrong)
