"""How names of enterprises are compared: the key in which two spellings of one name are the same.

The database has the same function, `registry_name_key` (migration 0001), and keeps the key of every name; a test holds
the two together.
"""

import unicodedata

# NFKC has already made full-width brackets, stops and spaces plain; what is left of punctuation says nothing.
IGNORED = " \t\r\n()[]{}<>《》〈〉【】〔〕「」『』\"'“”‘’`.,，、。:;!?·•・-‐–—_/\\|&*#~"
_DELETE = str.maketrans("", "", IGNORED)


def key(name: str) -> str:
    """The name in NFKC and lower case without spaces, brackets and punctuation."""
    return unicodedata.normalize("NFKC", name).translate(_DELETE).lower()
