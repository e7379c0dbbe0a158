"""``evidock token create | list | revoke``: which programs may hand in records, and what kind."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from dashboard.console import print_json, print_table, say, tell
from dashboard.options import ActorOption, HomeOption, JsonOption, LangOption, ReasonOption
from dashboard.texts import Texts, visible
from dashboard.token_desk import TokenDesk
from dashboard.wiring import House, open_house
from evidence.errors import UsageError
from evidence.tokens import Token, token_json


class TokenAction(StrEnum):
    """What is done."""

    CREATE = "create"
    LIST = "list"
    REVOKE = "revoke"


def run(
    action: Annotated[TokenAction, typer.Argument(help="create, list or revoke.")],
    name: Annotated[str, typer.Argument(help="Who holds it: a program, or a person.", show_default=False)] = "",
    nouns: Annotated[
        list[str] | None,
        typer.Option("--for", help="A kind of record, copies:handle or copies:decide; may be repeated."),
    ] = None,
    days: Annotated[int, typer.Option("--days", help="How long it stands.")] = 365,
    everything: Annotated[bool, typer.Option("--all", help="Also list what stands no more.")] = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    actor: ActorOption = "",
    lang: LangOption = None,
) -> None:
    """Let a program hand in records over HTTP, list which may, or let one in no more."""
    with open_house(home, lang=lang, actor=actor) as house:
        desk = TokenDesk(house)
        if action is TokenAction.CREATE:
            token, secret = desk.create(_named(name), nouns or (), timedelta(days=days), house.actor.name, reason)
            _print_created(house, token, secret, as_json=as_json)
        elif action is TokenAction.REVOKE:
            token = desk.revoke(_named(name), house.actor.name, reason)
            _print(house, [token], house.texts.t("cli.token.revoked", name=token.name), as_json=as_json)
        else:
            found = desk.tokens(everything=everything)
            _print(house, found, house.texts.t("cli.token.title", shown=len(found)), as_json=as_json)


def _named(name: str) -> str:
    if not name:
        cure = "evidock token create NAME; `evidock token list` shows which there are"
        raise UsageError("no name was given", cure=cure)
    return name


def _print_created(house: House, token: Token, secret: str, *, as_json: bool) -> None:
    """Print the secret: here and never again, for nobody keeps it."""
    if as_json:
        print_json({"token": [{**token_json(token, house.clock()), "secret": secret}]})
        return
    say(house.texts.t("cli.token.created", name=token.name))
    tell(secret)


def _print(house: House, found: Sequence[Token], title: str, *, as_json: bool) -> None:
    now = house.clock()
    if as_json:
        print_json({"token": [token_json(one, now) for one in found]})
        return
    columns = [
        house.texts.t(f"cli.column.{name}")
        for name in ("holder", "may_import", "by", "since", "valid_until", "standing")
    ]
    print_table(title, columns, [_row(house.texts, one, now) for one in found])


def _row(texts: Texts, token: Token, now: datetime) -> tuple[str, ...]:
    nouns = ", ".join(scope.value.partition(":")[2] for scope in token.scopes)
    revoked = f"{visible(token.revoked_by or '')} · {texts.at(token.revoked_at)}" if token.revoked_at else ""
    stands = texts.t("cli.token.stands") if token.stands_at(now) else revoked or texts.t("cli.token.over")
    when = texts.at(token.granted_at), texts.at(token.expires_at)
    return visible(token.name), nouns, visible(token.granted_by), *when, stands
