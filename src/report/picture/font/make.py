"""Cuts the picture's font out of Noto Sans KR. The README beside this file says how to run it."""

import pathlib
import sys
import tempfile

from fontTools import merge, subset
from fontTools.ttLib import TTFont

source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])

latin = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
signs = "‐–—‘’“”†•…‰′″←↑→↓↔−∞≈≠≤≥■□▲▶▼◀●○「」『』、。"
# KS X 1001 orders its 2,350 Hangul syllables in 25 rows of 94.
rows, columns = range(0xB0, 0xC9), range(0xA1, 0xFF)
hangul = "".join(bytes([row, column]).decode("euc_kr") for row in rows for column in columns)
wanted = {ord(char) for char in latin + signs + hangul}

options = subset.Options(
    layout_features=[],
    hinting=False,
    notdef_outline=True,
    glyph_names=False,
    name_IDs=[0, 1, 2, 3, 4, 5, 6, 14],
)
options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "gasp", "prep", "vhea", "vmtx"]

# "korean" holds nearly everything; the numbered slices hold signs that it lacks.
slices = ["korean", *map(str, range(98, 114))]
with tempfile.TemporaryDirectory() as folder:
    pieces = []
    for name in slices:
        font = TTFont(source / f"noto-sans-kr-{name}-400-normal.woff2")
        here = wanted & font.getBestCmap().keys()
        if not here:
            continue
        wanted -= here
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=here)
        cutter.subset(font)
        font.flavor = None
        pieces.append(f"{folder}/{name}.ttf")
        font.save(pieces[-1])
    font = merge.Merger().merge(pieces)

for name_id, text in {1: "Noto Sans KR Subset", 4: "Noto Sans KR Subset", 6: "NotoSansKRSubset"}.items():
    font["name"].setName(text, name_id, 3, 1, 0x409)
font["head"].created = font["head"].modified = 0  # The same input gives the same bytes.
font["post"].formatType = 3.0
font.recalcTimestamp = False
font.save(target)
assert not wanted, f"no slice has {''.join(map(chr, sorted(wanted)))}"
