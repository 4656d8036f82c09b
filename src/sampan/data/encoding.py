"""The encoding of a text, found by what its bytes can be."""

from __future__ import annotations

import codecs
from collections import Counter

from sampan.data.origin import READ_ERRORS, Origin, pieces, unreadable
from sampan.errors import DataError

_HEAD = 1 << 18
"""Bytes around the first that are not UTF-8, on which the encoding is decided."""
_LOOK = 1 << 26
"""Bytes that are looked through when the file is here; a far one is looked at for `_HEAD`."""

_SIMPLIFIED = frozenset(
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本"
    "见经头面公同三已老从动两长京海湖圳广州"
)
_TRADITIONAL = frozenset(
    "的一是不了人我在有他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手用主行方又如前所本"
    "見經頭面公同三已老從動兩長港龍灣門區陳黃張劉"
)


def _chinese(sample: bytes, codec: str, levels: tuple[int, int], trail: int) -> float:
    """How much a sample looks like Chinese text in a double-byte codec: 0 (not at all) and up."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:  # a character cut off at the end is no evidence
            return 0.0
        text = sample[: error.start].decode(codec)
    wide = [char for char in text if ord(char) > 127]
    if not wide:
        return 0.0
    counts = Counter(wide)
    codes = {char: char.encode(codec) for char in counts if len(char.encode(codec)) == 2}
    leads = [*range(levels[0], levels[1] + 1), 0xA1, 0xA2, 0xA3]
    usual = sum(counts[char] for char, (lead, end) in codes.items() if lead in leads and end >= trail)
    common = sum(counts[char] for char in (_SIMPLIFIED if codec == "gb18030" else _TRADITIONAL))
    return usual / len(wide) + common / len(wide) if usual / len(wide) > 0.7 else 0.0


def _candidates(sample: bytes) -> list[str]:
    """Encodings to try for bytes that are not UTF-8, likeliest first; the last always works."""
    scores = {
        "gb18030": _chinese(sample, "gb18030", (0xB0, 0xD7), 0xA1),
        "big5hkscs": _chinese(sample, "big5hkscs", (0xA4, 0xC6), 0x40),
    }
    likely = sorted((name for name, score in scores.items() if score), key=lambda name: -scores[name])
    return [*likely, "cp1252", "latin-1"]


def find_encoding(origin: Origin) -> str:
    """The Python name of the encoding of a text. Raises DataError for bytes that are no text."""
    head = origin.head(_HEAD)
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            return name
    if b"\0" in head:
        nul = [head[start::2].count(0) / max(1, len(head) // 2) for start in (0, 1)]
        if max(nul) > 0.3 and min(nul) < 0.05:  # Latin letters in UTF-16 have a zero in every other byte
            return "utf-16-be" if nul[0] > nul[1] else "utf-16-le"
        raise not_text(origin.label)
    if sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head[:4096]) > len(head[:4096]) / 20:
        raise not_text(origin.label)
    limit = _LOOK if origin.path is not None else _HEAD
    wrong = _first_wrong(origin, "utf-8", limit)
    if wrong is None:
        return "utf-8"
    with origin.open() as handle:
        handle.seek(max(0, wrong - _HEAD // 2))
        around = handle.read(_HEAD)
    lines = around.split(b"\n")
    sample = b"\n".join(lines[1:] if wrong > _HEAD // 2 and len(lines) > 1 else lines)
    return next(name for name in _candidates(sample) if _first_wrong(origin, name, limit) is None)


def _first_wrong(origin: Origin, encoding: str, limit: int) -> int | None:
    """Where among the first `limit` bytes the encoding fails, if anywhere."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        for piece in pieces(origin.open()):
            piece = piece[: limit - done]
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return max(0, done + error.start - 4)
            done += len(piece)
            if done >= limit:
                return None
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return max(0, done - 4)
    except READ_ERRORS as error:
        raise unreadable(origin.label, error) from error
    return None


def not_text(label: str) -> DataError:
    """The error for bytes that no table format explains."""
    return DataError(
        f"{label} is neither text nor a table format that is known here: it holds binary data.",
        "Expected: CSV, TSV, JSON lines, Parquet, Arrow, Excel (.xlsx) or SQLite.",
        "Open it in the program that wrote it and save it as CSV (UTF-8) or Parquet.",
    )
