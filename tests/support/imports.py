"""Record files written in a line, a home told byte for byte, and files handed in as the command line does."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from dashboard.records import Imported, import_file
from dashboard.wiring import House
from index import schema

HEADINGS = {
    "officers": "officer_id,name,unit,valid_from,valid_to,short_codes",
    "devices": "device_id,model,profile,unit,serial",
    "assignments": "device_id,officer_id,from,to",
    "cases": "case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality",
    "steps": "case_no,step_no,procedure,started_at,ended_at,place,officers,party,unsuitable_reason",
}


def written(folder: Path, noun: str, *rows: str, name: str = "") -> Path:
    """Write a CSV file with the heading of a noun."""
    file = folder / (name or f"{noun}.csv")
    file.write_text("\n".join((HEADINGS[noun], *rows)) + "\n", encoding="utf-8")
    return file


def handed_in(house: House, folder: Path, noun: str, *rows: str, dry_run: bool = False, name: str = "") -> Imported:
    """Write a file and import it."""
    return import_file(house, noun, written(folder, noun, *rows, name=name), dry_run=dry_run)


def told_home(house: House) -> Mapping[str, object]:
    """Return every byte of a home's vault and every cell of its register."""
    root = house.home.root
    held: dict[str, object] = {
        str(file.relative_to(root)): file.read_bytes() for file in sorted(house.home.vault.rglob("*")) if file.is_file()
    }
    with sqlite3.connect(house.home.register) as connection:
        for table in sorted(schema.Base.metadata.tables):
            held[f"table {table}"] = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own names
    return held


def facts_of(held: Mapping[str, object]) -> Mapping[str, object]:
    """Return the tables of a told home that say more than that a file was handed in."""
    acts = {"table import_batch", "table ledger_entry", "table mark"}
    return {name: rows for name, rows in held.items() if name.startswith("table ") and name not in acts}


def as_json(rows: object) -> bytes:
    """Return rows as a JSON file."""
    return json.dumps(rows, ensure_ascii=False).encode()
