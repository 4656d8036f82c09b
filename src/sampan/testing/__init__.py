"""Contracts as tests that a stranger's field or family can run too: one line each.

def test_my_field(): check_field(MyField(), column)
def test_my_family(): check_family(MyFamily())
"""

from sampan.testing.conditions import inside
from sampan.testing.family import check_family
from sampan.testing.field import check_field

__all__ = ["check_family", "check_field", "inside"]
