"""Ask the Experts: a chat over expert source material whose every word can be traced to its source."""

__version__ = "0.1.0"
