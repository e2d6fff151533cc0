"""Tests of the test kit: python3 -B -m unittest discover, in the folder above."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
