"""A sheet of an Excel workbook as a Stream."""

from sampan.data.excel.sheet import open_excel

__all__ = ["open_excel"]
