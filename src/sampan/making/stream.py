"""What a request asks for, as a stream: the one door to every way of making records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sampan.data import Columns
from sampan.errors import RequestError
from sampan.making.blocks import blocks
from sampan.making.examples import more, restyled, walked
from sampan.making.fill import fills
from sampan.making.learned import Learned
from sampan.making.points import between, near
from sampan.making.request import Request


def stream(learned: Learned, request: Request, on_notes: Callable[[list[str]], None]) -> Iterator[Columns]:
    """The records that a request asks for, a block of rows at a time. Refuses before any work.

    on_notes: called before the work with what is to be said of the request's records, if anything.
    """
    if not isinstance(request, Request):
        raise RequestError(
            f"a {type(request).__name__} is given for a request.",
            "A request is expected.",
            'For example: sp.Request("sample", 100)',
        )
    match request.kind:
        case "sample":
            return blocks(learned, request)
        case "fill":
            return fills(learned, request, None, on_notes)[0]
        case "restyle":
            return restyled(learned, request)
        case "more":
            return more(learned, request)
        case "walk":
            return iter([walked(learned, request)])
        case "between":
            return iter([between(learned, request)])
        case "near":
            return iter([near(learned, request)])
