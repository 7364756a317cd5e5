"""What a bench is asked on its command line; what makes no sense is refused in words before anything is measured."""

import argparse


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """Give the reader of a bench's arguments, told by its own first lines, which knows `--json`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def some(words: str) -> int:
    """Read how many there shall be: a whole number from 1 to a million."""
    if not words.isdecimal() or not 1 <= int(words) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{words!r} is no whole number from 1 to 1000000")
    return int(words)
