"""Reading a data file of the configuration: TOML into a checked form, and one error that names file, key and cure."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from evidence.errors import ConfigError

Read = TypeVar("Read")


def read_toml(file: Path, form: TypeAdapter[Read], *, unreadable: str, wrong: str) -> Read:
    """Return what a TOML file holds; ``unreadable`` and ``wrong`` are the cures of a missing file and a wrong key.

    Raises:
        ConfigError: it cannot be read, or is not of that form; the first wrong key is named.
    """
    return check_form(raw_toml(file, unreadable=unreadable), form, file, wrong=wrong)


def raw_toml(file: Path, *, unreadable: str) -> dict[str, object]:
    """Return the tables of a TOML file as they are written; ``unreadable`` is the cure of a missing file.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", subject=str(file), cure=unreadable) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8", subject=str(file), cure="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", subject=str(file), cure="mend that line") from error


def check_form(raw: object, form: TypeAdapter[Read], file: Path, *, wrong: str) -> Read:
    """Return what was read in its form; ``wrong`` is the cure of a wrong key.

    Raises:
        ConfigError: it is not of that form; the first wrong key is named.
    """
    try:
        return form.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"{key}: {first['msg']}", subject=str(file), cure=wrong) from error
