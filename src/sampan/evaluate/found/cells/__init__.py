"""Copies and neighbours of single cells of a column of points, in every disguise that its eye knows."""

from sampan.evaluate.found.cells.copies import ClosePoints, copies
from sampan.evaluate.found.cells.disguise import compared
from sampan.evaluate.found.cells.near import near

__all__ = ["ClosePoints", "compared", "copies", "near"]
