"""The report of a judgement: one page, JSON, JUnit XML, and lines for a terminal."""

from sampan.evaluate.report.report import ClosePair, Report

__all__ = ["ClosePair", "Report"]
