"""``evidock dispose propose | list | approve | refuse``: two people let originals go whose time is over."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from dashboard.console import print_json, print_table, say
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, LimitOption, ReasonOption
from dashboard.retention_desk import RetentionDesk, Surveyed
from dashboard.texts import Texts
from dashboard.wiring import House, open_house
from evidence.disposal import Disposal, may_go
from evidence.errors import UsageError
from evidence.retention_views import disposal_json
from index.disposals import disposal_of, disposals


class DisposeAction(StrEnum):
    """What is done."""

    PROPOSE = "propose"
    LIST = "list"
    APPROVE = "approve"
    REFUSE = "refuse"


def run(
    action: Annotated[DisposeAction, typer.Argument(help="propose, list, approve or refuse.")],
    disposal_id: Annotated[str, typer.Argument(help="Id of the disposal to decide on.", show_default=False)] = "",
    clip: Annotated[list[str] | None, typer.Option("--clip", help="Propose only these clips; may be repeated.")] = None,
    by_rule: Annotated[bool, typer.Option("--by-rule", help="The schedule proposes; no person's name.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what may go, and what keeps the rest.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also list what is done or refused.")] = False,
    limit: LimitOption = 500,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Propose originals whose time is over, or decide on a proposal; two different people must agree."""
    with open_house(home, lang=lang, actor=actor) as house:
        desk = RetentionDesk(house)
        if action is DisposeAction.PROPOSE:
            _propose(house, desk, clip or [], limit, reason, by_rule=by_rule, dry_run=dry_run, as_json=as_json)
            return
        if action is DisposeAction.APPROVE:
            found = [desk.approve(_named(disposal_id), house.actor.name, reason).disposal]
        elif action is DisposeAction.REFUSE:
            desk.refuse(_named(disposal_id), house.actor.name, reason)
            found = [_read(house, disposal_id)]
        else:
            with house.register.reading() as session:
                found = disposals(session, waiting_only=not everything)
        _print(house.texts, action, found, as_json=as_json)


def _propose(
    house: House,
    desk: RetentionDesk,
    clips: Sequence[str],
    limit: int,
    reason: str,
    *,
    by_rule: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show what may go and propose it; what was named and is kept is exit code 1, and nothing is proposed."""
    named = [house.library.clip(one).digest for one in clips] or None
    found = desk.survey(named, limit)
    going = [one.candidate.digest for one in found if not one.kept_by]
    proposes = bool(going) and not dry_run and (named is None or len(going) == len(named))
    made = desk.propose(going, house.actor.name, reason, by_rule=by_rule) if proposes else None
    if as_json:
        body = [_surveyed_json(house.texts, one) for one in found]
        disposal = disposal_json(made, house.texts.say) if made else None
        print_json({"dispose": {"proposed": disposal, "looked_at": body}})
    else:
        _survey_table(house.texts, found)
        key = "cli.dispose.propose" if made else "cli.dispose.nothing"
        say(house.texts.t(key, disposal=made.disposal_id if made else "", count=len(going)))
    raise typer.Exit(1 if named is not None and len(going) < len(named) else 0)


def _surveyed_json(texts: Texts, one: Surveyed) -> dict[str, object]:
    return {
        "sha256": one.candidate.digest,
        "size_bytes": one.candidate.size_bytes,
        "may_go": not one.kept_by,
        "why": [texts.say(said) for said in one.kept_by] or [texts.say(may_go(one.candidate))],
    }


def _survey_table(texts: Texts, found: Sequence[Surveyed]) -> None:
    rows = [
        (
            one.candidate.digest[:12],
            texts.size(one.candidate.size_bytes),
            texts.t("disposal.kept" if one.kept_by else "disposal.goes"),
            "; ".join(texts.say(said) for said in one.kept_by) or texts.say(may_go(one.candidate)),
        )
        for one in found
    ]
    columns = [texts.t(f"cli.column.{name}") for name in ("digest", "size", "verdict", "why")]
    print_table(texts.t("cli.dispose.looked_at", shown=len(found)), columns, rows)


def _named(disposal_id: str) -> str:
    if not disposal_id:
        raise UsageError("no disposal was named", cure="`evidock dispose list` shows the ids")
    return disposal_id


def _read(house: House, disposal_id: str) -> Disposal:
    with house.register.reading() as session:
        return disposal_of(session, disposal_id)


def _print(texts: Texts, action: DisposeAction, found: Sequence[Disposal], *, as_json: bool) -> None:
    if as_json:
        print_json({"dispose": [disposal_json(one, texts.say) for one in found]})
        return
    if action is DisposeAction.LIST:
        _table(texts, found)
        return
    [one] = found
    gone = len(one.digests) - len(one.spared)
    say(texts.t(f"cli.dispose.{one.state.value}", disposal=one.disposal_id, count=gone, spared=len(one.spared)))
    for digest, kept in sorted(one.spared.items()):
        say(f"{digest[:12]}: {'; '.join(texts.say(said) for said in kept)}")


def _table(texts: Texts, found: Sequence[Disposal]) -> None:
    rows = [
        (
            one.disposal_id,
            texts.word(one.state),
            str(len(one.digests)),
            one.rule,
            one.reason,
            f"{one.proposed_by} · {texts.at(one.proposed_at)}",
            f"{one.first_by} · {texts.at(one.first_at)}" if one.first_at else "",
            f"{one.second_by} · {texts.at(one.second_at)}" if one.second_at else "",
            f"{one.refused_by} · {one.refuse_reason}" if one.refused_at else "",
        )
        for one in found
    ]
    names = ("disposal", "state", "clips_count", "rule", "reason", "proposed", "first", "second", "refused")
    columns = [texts.t(f"cli.column.{name}") for name in names]
    print_table(texts.t("cli.dispose.title", shown=len(found)), columns, rows)
