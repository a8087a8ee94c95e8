"""Which stance two coders gave where: the confusion matrix, with the tags in each cell."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from annotations.reliability.claims import Claim
from annotations.reliability.shared import SharedReading
from annotations.reliability.values import NOT_FOUND, Confusion, ConfusionCell


def confuse(
    shared: SharedReading, claims: Iterable[Claim], stances: Sequence[str], pair: tuple[str, str]
) -> Confusion:
    """The confusion matrix of a pair; the claims of a cell in their order in the documents."""
    keys: defaultdict[tuple[str, str], list[tuple[int | None, int | None]]] = defaultdict(list)
    for claim in claims:
        if not set(pair) <= set(shared.readers[shared.place(claim.tags[0])]):
            continue
        found = {tag.coder: tag for tag in claim.tags}
        a, b = found.get(pair[0]), found.get(pair[1])
        if a or b:
            cell = a.stance if a else NOT_FOUND, b.stance if b else NOT_FOUND
            keys[cell].append((a.key if a else None, b.key if b else None))
    every = (*stances, NOT_FOUND)
    return Confusion(
        coder_a=pair[0],
        coder_b=pair[1],
        stances=every,
        rows=tuple(tuple(ConfusionCell(tuple(keys[a, b])) for b in every) for a in every),
    )
