"""How files of pictures are called, and how they begin."""

from __future__ import annotations

_SAME = {".jpeg": ".jpg", ".jfif": ".jpg", ".jpe": ".jpg", ".tiff": ".tif"}

ENDINGS = {
    ending: _SAME.get(ending, ending)
    for ending in """.png .apng .jpg .jpeg .jpe .jfif .mpo .gif .bmp .dib .tif .tiff .webp .avif .avifs
    .heic .heif .jp2 .j2k .jpx .ppm .pgm .pbm .pnm .tga .ico .sgi .pcx .dcm .dicom""".split()
}
"""What the names of picture files end in -> the usual one of those that mean the same."""

_SUFFIX_OF = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF87a": ".gif",
    b"GIF89a": ".gif",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"BM": ".bmp",
    b"\0\0\0\x0cjP  ": ".jp2",
    b"\xff\x4f\xff\x51": ".j2k",
}
"""How pictures begin, and what the names of such files end in."""


def suffix_of(picture: bytes) -> str:
    """What the name of a file with these bytes ends in.

    >>> suffix_of(bytes.fromhex("89504e470d0a1a0a"))
    '.png'
    """
    found = next((suffix for magic, suffix in _SUFFIX_OF.items() if picture.startswith(magic)), "")
    return found or (".dcm" if is_dicom(picture[:132]) else ".webp" if picture[8:12] == b"WEBP" else ".avif")


def begins_as_picture(cell: bytes) -> bool:
    """Whether bytes begin as those of a picture file do."""
    riff = cell[:4] == b"RIFF" and cell[8:12] == b"WEBP"
    boxed = cell[4:8] == b"ftyp" and cell[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1")
    return cell.startswith(tuple(_SUFFIX_OF)) or riff or boxed or is_dicom(cell[:132])


def is_dicom(head: bytes) -> bool:
    return head[128:132] == b"DICM"
