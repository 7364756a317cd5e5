"""The command line `amanah`: what may be asked, and who answers it.

Each command is a small function of `commands`, which asks others to do the work and tells the outcome. Exit status: 0
when it went well, 1 when the answer is no, 2 when the question could not be understood or read.
"""

import argparse
import codecs
import io
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from workflows.commands import designing, keeping, starting
from workflows.commands.telling import REFUSED, complain, show
from workflows.errors import AmanahError, BrokenDefinition, SealBroken
from workflows.garbage import look_less_often
from workflows.language import Language, say, speaking
from workflows.settings import BadSetting


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    look_less_often()
    asked = _parser().parse_args(arguments)
    _write_every_letter()
    with speaking(_language(os.environ)):
        try:
            return int(asked.command(asked))
        except (BadSetting, _unavailable()) as error:
            complain(str(error))
        except BrokenDefinition as error:
            show(error.findings)
        except SealBroken as error:
            from workflows.processes import sealing

            complain(sealing.refusal(error))
        except AmanahError as error:
            complain(str(error))
        except BrokenPipeError:
            # Whoever read our output has seen enough; the interpreter must not try to flush the rest.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            return 130
        return REFUSED


def _write_every_letter() -> None:
    """Have what the terminal cannot write come out as JSON escapes it, instead of ending in a traceback."""
    codecs.register_error("escaped", _escaped)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="escaped")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _unavailable() -> type[Exception]:
    """Give the error of a database that cannot be had; imported late, for it brings the driver with it."""
    from workflows.embedded_postgres import PostgresUnavailable

    return PostgresUnavailable


def _language(env: Mapping[str, str]) -> Language:
    """Tell the language of the terminal: Indonesian unless the locale is an English one."""
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "en" if locale.startswith("en") else "id"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="amanah", description="Case system of a regency's integrity office.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sentence = (command.__doc__ or "").splitlines()[0]
        added = commands.add_parser(command.__name__.replace("_", "-"), help=sentence, description=sentence)
        added.set_defaults(command=command)
        return added

    add(starting.run)
    add(starting.prepare)
    add(starting.migrate)
    installing = add(starting.administrator)
    installing.add_argument("login", metavar="LOGIN", help="what is typed at sign-in, often the NIP")
    installing.add_argument("--name", required=True, help="full name with titles")
    installing.add_argument("--unit", default="DISKOMINFO", metavar="CODE", help="code of their unit (%(default)s)")
    installing.add_argument(
        "--unit-name", default="Dinas Komunikasi dan Informatika", help="its name, if there is none of that code"
    )
    installing.add_argument("--force", action="store_true", help="even though somebody is an administrator")
    add(starting.web)
    add(starting.worker)
    looking = add(starting.healthy)
    looking.add_argument("address", nargs="?", metavar="URL", help="ask this address instead of the database")
    add(keeping.refingerprint)
    checking = add(designing.check)
    checking.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="case-type folders, bundles or files")
    checking.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    checking.add_argument("--repair", action="store_true", help="write missing ids into the files first")
    rehearsing = add(designing.rehearse)
    rehearsing.add_argument("path", type=Path, metavar="PATH", help="a case-type folder")
    rehearsing.add_argument("--only", metavar="NAME", help="one scenario, by its file name without ending")
    deciding = add(designing.decide)
    deciding.add_argument("file", type=Path, metavar="FILE", help="a DMN file")
    deciding.add_argument("--decision", metavar="ID", help="may be left out when the file holds only one")
    deciding.add_argument("--on", type=_day, metavar="DATE", help="the day whose law is asked for")
    asking = deciding.add_mutually_exclusive_group(required=True)
    asking.add_argument("--input", metavar="JSON", help='the inputs, for example {"value": 500000}')
    asking.add_argument("--vectors", action="store_true", help="run FILE's .vectors.yml instead")
    touching = add(designing.touches)
    touching.add_argument("file", type=Path, metavar="FILE", help="a DMN file with the changed table")
    touching.add_argument("--decision", metavar="ID", help="may be left out when the file holds only one")
    touching.add_argument("--case-type", metavar="KEY", help="look at cases of this type only")
    add(designing.publish).add_argument("path", type=Path, metavar="PATH", help="a case-type folder")
    _declare_upgrades(add(keeping.upgrade_cases))
    counting = add(designing.deadline)
    counting.add_argument("id", metavar="ID", help="for example P-01; P-08 lists its parts")
    counting.add_argument("--from", dest="start", type=_instant, required=True, metavar="DATE", help="2026-03-02")
    readings = counting.add_mutually_exclusive_group()
    for reading, meaning in (("strict", "cuti bersama are working days"), ("lenient", "cuti bersama are skipped")):
        readings.add_argument(f"--{reading}", dest="reading", action="store_const", const=reading, help=meaning)
    add(keeping.demo)
    add(keeping.drill)
    killing = add(keeping.chaos)
    killing.add_argument("--cases", type=_some, default=1000, metavar="N", help="scripted cases (1000)")
    killing.add_argument("--seed", type=int, default=1, metavar="S", help="another seed draws other deaths (1)")
    killing.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add(keeping.recount)
    add(keeping.verify)
    return parser


def _declare_upgrades(parser: argparse.ArgumentParser) -> None:
    """Declare the steps and what each is told."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    told = {
        "plan": "say what differs between two editions, and where running cases stand",
        "try": "say for each running case what would come of it; nothing is stored",
        "run": "move the cases, one act each; interrupted, it goes on with --batch",
        "undo": "take the cases of a batch back, where nobody has acted since",
    }
    for name, sentence in told.items():
        step = steps.add_parser(name, help=sentence, description=sentence)
        if name == "undo":
            step.add_argument("batch", type=UUID, metavar="BATCH")
            continue
        if name == "run":
            step.add_argument("--batch", type=UUID, help="go on with a batch that was interrupted")
            step.add_argument("--reason", default="", help="why; kept with the batch, names nobody")
        step.add_argument("type", nargs="?" if name == "run" else None, metavar="TYPE", help="key of the case type")
        step.add_argument("--from", dest="old", type=int, metavar="N", help="the edition to leave")
        step.add_argument("--to", dest="new", type=int, metavar="N", help="the edition to go to; else the open one")
        step.add_argument("--map", dest="mapping", action="append", default=[], metavar="OLD=NEW", type=_pair)
        step.add_argument("--anew", action="append", default=[], metavar="OLD=NEW", type=_pair)
        step.add_argument("--accept", action="append", default=[], metavar="RISK", help="take it")


def _some(text: str) -> int:
    """Read a number of at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(say(f"{text!r} bukan bilangan di atas nol", f"{text!r} is no number above 0"))
    return int(text)


def _day(text: str) -> date:
    """Read a day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            say(
                f"{text!r} bukan tanggal; tulislah misalnya 2026-03-02",
                f"{text!r} is no date; write for example 2026-03-02",
            )
        ) from error


def _instant(text: str) -> date:
    """Read a day, or an instant for deadlines in hours; one without an offset is meant in the office's zone."""
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            say(
                f"{text!r} bukan tanggal; tulislah misalnya 2026-03-02, atau 2026-03-02T10:15 bila jamnya penting",
                f"{text!r} is no date; write for example 2026-03-02, or 2026-03-02T10:15 where the hour matters",
            )
        ) from error


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (old and sign and new):
        raise argparse.ArgumentTypeError("OLD=NEW")
    return old, new


if __name__ == "__main__":
    sys.exit(main())
