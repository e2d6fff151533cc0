"""Tests of ordering's pure handlers: python3 -m unittest discover, in the folder above."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
