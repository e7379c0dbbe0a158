"""Bytes to text: UTF-8, GB18030 or UTF-16; never a guess that turns names into other names.

Nearly any bytes can be read as GB18030, so a file in which some lines are UTF-8 and others are not is refused instead.
"""

from ingest.records.verdicts import FileRefusedError, verdict

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
CHINESE = (("\u3000", "\u303f"), ("\u4e00", "\u9fff"), ("\uff00", "\uffef"))
"""Characters that UTF-8 writes in three bytes and Chinese records are full of."""


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file without its mark.

    Raises:
        FileRefusedError: it is in none of these encodings, or in several; names the first line that shows it.
    """
    if data.startswith(UTF16_MARKS):
        return _read(data, "utf-16", name).removeprefix("\ufeff")
    if b"\0" in data:
        raise _refused(data, data.index(b"\0"), name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(UTF8_MARK):
            raise _refused(data, error.start + len(UTF8_MARK), name) from error
    mixed = line_of_mixture(data)
    if mixed:
        raise FileRefusedError(verdict(mixed, "", name, "encoding_mixed", cure="save_as_utf8"))
    return _read(data, "gb18030", name)


def line_of_mixture(data: bytes) -> int:
    """Return the first line that is encoded otherwise than most; 0 where all lines agree."""
    lines: dict[bool, list[int]] = {True: [], False: []}
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.isascii():
            try:
                if any(low <= each <= high for each in line.decode() for low, high in CHINESE):
                    lines[True].append(number)
            except UnicodeDecodeError:
                lines[False].append(number)
    if not all(lines.values()):
        return 0
    return min(lines.values(), key=lambda numbers: (len(numbers), -numbers[0]))[0]


def _read(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _refused(data, error.start, name) from error
    if "\0" in text:
        raise FileRefusedError(verdict(_line(text, text.index("\0")), "", name, "encoding", cure="save_as_utf8"))
    return text


def _refused(data: bytes, place: int, name: str) -> FileRefusedError:
    line = data.count(b"\n", 0, place) + 1
    return FileRefusedError(verdict(line, "", name, "encoding", cure="save_as_utf8"))


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
