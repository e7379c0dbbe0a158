"""``reasons.toml`` of a law pack: the closed list of what people may claim of a finding or a step."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.law_forms import Named, ProcedureForm
from evidence.errors import ConfigError
from evidence.findings import FindingKind
from evidence.reasons import Purpose, Reason


class ReasonForm(Named):
    """One table of ``reasons.toml``."""

    purpose: Purpose = Purpose.EXPLANATION
    kinds: Annotated[frozenset[FindingKind], Field(min_length=1)] | None = None
    note: bool = False
    file: bool = False
    article: str = ""
    quote: str = ""
    set_by: str = ""
    reference: str = ""

    @model_validator(mode="after")
    def rests_on_something(self) -> Self:
        """Refuse a reason nobody stands for, and an exemption that the law does not know."""
        if bool(self.article) != bool(self.quote):
            raise ValueError("article and quote go together: give the article's own words, or neither")
        if bool(self.set_by) != bool(self.reference):
            raise ValueError("set_by and reference go together: say who set it, and where that is written")
        if not self.article and not self.set_by:
            raise ValueError("give article and quote where the law has the words, else set_by and reference")
        if self.purpose is Purpose.EXEMPTION and not self.article:
            raise ValueError("an exemption needs the article that allows it: give article and quote")
        if self.purpose is Purpose.EXEMPTION and self.kinds:
            raise ValueError("kinds belong to explanations: an exemption is about a step")
        return self

    def as_reason(self, code: str) -> Reason:
        """Return the noun."""
        return Reason(
            code=code,
            names=self.names,
            purpose=self.purpose,
            kinds=self.kinds or frozenset(),
            needs_note=self.note,
            needs_file=self.file,
            article=self.article,
            quote=self.quote,
            set_by=self.set_by,
            reference=self.reference,
        )


def check_reasons(file: Path, reasons: Mapping[str, ReasonForm], procedures: Mapping[str, ProcedureForm]) -> None:
    """Every kind of finding can be explained, and an exemption can be claimed just where a procedure allows one."""
    explaining = [row.kinds for row in reasons.values() if row.purpose is Purpose.EXPLANATION]
    missing = [] if None in explaining else sorted(set(FindingKind).difference(*(kinds or () for kinds in explaining)))
    if missing:
        cure = "name them in the kinds of a reason, or give a reason without kinds: it fits all"
        raise ConfigError(f"kinds: no reason explains {', '.join(missing)}", subject=str(file), cure=cure)
    claimable = next((code for code, row in reasons.items() if row.purpose is Purpose.EXEMPTION), None)
    allowed = next((code for code, row in procedures.items() if row.exemption_allowed), None)
    if allowed and not claimable:
        cure = f'give a reason purpose = "exemption", or take exemption_allowed from [{allowed}] in procedures.toml'
        raise ConfigError(f"purpose: no reason exempts, and {allowed} allows it", subject=str(file), cure=cure)
    if claimable and not allowed:
        cure = "remove it, or set exemption_allowed for a procedure of procedures.toml"
        raise ConfigError(f"{claimable}.purpose: no procedure allows an exemption", subject=str(file), cure=cure)
    _check_words(file, reasons)


def _check_words(file: Path, reasons: Mapping[str, ReasonForm]) -> None:
    """Two reasons must not be called the same: people choose by the words."""
    taken: dict[tuple[str, str], str] = {}
    for code, row in reasons.items():
        for locale, name in row.names.items():
            other = taken.setdefault((locale, name.casefold()), code)
            if other != code:
                cure = "give each reason words of its own"
                raise ConfigError(f"{code}.names.{locale}: {other} is called so too", subject=str(file), cure=cure)
