"""Files that somebody named one by one: which of them belong together, because one calls what is in another.

A process is checked with the processes and tables that it calls, as far as they were named too. Files that have nothing
to do with each other are checked each for itself, so that a whole list of diagrams may be named at once.
"""

from collections.abc import Iterator, Mapping

from workflows.catalogue.bundle import Bundle
from workflows.engine.references import Reference, references


def deployments(named: Bundle) -> Iterator[Bundle]:
    """Give what belongs together, each as files of one deployment; a file that several call is in each of theirs."""
    needs = _needs(named.files)
    left = dict.fromkeys(named.files)
    wanted = {other for file, others in needs.items() for other in others if other != file}
    # First whatever nobody calls; what is left then goes round in circles, and any of it is as good a beginning.
    for file in [*(each for each in named.files if each not in wanted), *named.files]:
        if file in left:
            reached = _reached(file, needs)
            for each in reached:
                left.pop(each, None)
            yield Bundle({each: named.files[each] for each in named.files if each in reached}, is_folder=False)


def _needs(files: Mapping[str, bytes]) -> dict[str, set[str]]:
    known = {file: references(file, content) for file, content in files.items()}
    holders: dict[Reference, set[str]] = {}
    for file, found in known.items():
        for reference in found.brings:
            holders.setdefault(reference, set()).add(file)
    return {
        file: {holder for reference in found.asks_for for holder in holders.get(reference, ())}
        for file, found in known.items()
    }


def _reached(file: str, needs: Mapping[str, set[str]]) -> set[str]:
    reached, coming = {file}, [file]
    while coming:
        for other in needs[coming.pop()] - reached:
            reached.add(other)
            coming.append(other)
    return reached
