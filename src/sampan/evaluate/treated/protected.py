"""Protected columns: by which the law or decency asks that people be treated alike, named or guessed."""

from __future__ import annotations

from collections.abc import Sequence

from sampan.errors import RequestError, nearest
from sampan.evaluate.sides import Sides
from sampan.evaluate.work.target import words

PROTECTED = frozenset(
    (
        "sex gender race races racial ethnicity ethnic age ages dob birth birthday birthdate birthyear "
        "nationality citizenship citizen native religion religious faith marital marriage disability "
        "disabled handicap handicapped pregnant pregnancy orientation caste veteran immigrant"
    ).split()
)
"""Words, in the name of a column, for the grounds that equality laws name (Hong Kong's four ordinances, the
EU Charter's article 21, the US Civil Rights Act)."""

PROTECTED_CHINESE = tuple(
    (
        "性別 性别 種族 种族 族裔 族群 民族 年齡 年龄 歲數 岁数 國籍 国籍 出生 宗教 信仰 婚姻 殘疾 残疾 "
        "殘障 残障 懷孕 怀孕 性取向 性傾向 移民"
    ).split()
)

AGES = frozenset({"age", "ages"})
AGES_CHINESE = ("年齡", "年龄", "歲數", "岁数")


def protected_columns(sides: Sides, named: Sequence[str], but: str | None = None) -> list[str]:
    """The columns named, else those whose name sounds protected, less the one in `but`.

    RequestError: there is no such column.
    """
    for name in named:
        if name not in sides.kinds:
            raise RequestError(
                f"There is no column {name!r} to protect.",
                f"The columns that are compared: {', '.join(sides.kinds)}.",
                nearest(name, sides.kinds) or "Name one of them.",
            )
    found = list(dict.fromkeys(named)) or [name for name in sides.kinds if sounds_protected(name)]
    return [name for name in found if name != but]


def sounds_protected(name: str) -> bool:
    """Whether a column's name is or holds a word for a protected ground.

    >>> [sounds_protected(name) for name in ("native-country", "Marital_Status", "性別", "page", "traces")]
    [True, True, True, False, False]
    """
    return bool(PROTECTED & words(name)) or any(word in name for word in PROTECTED_CHINESE)


def sounds_like_age(name: str) -> bool:
    """Whether a column's name says that it holds ages.

    >>> sounds_like_age("Age (years)"), sounds_like_age("birth date")
    (True, False)
    """
    return bool(AGES & words(name)) or any(word in name for word in AGES_CHINESE)
