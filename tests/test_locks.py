"""The pinned requirements install with the pip that Debian 12 ships, whatever is released meanwhile."""

from __future__ import annotations

import re
from importlib.metadata import distributions

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pinned(name: str) -> dict[str, set[str]]:
    """Each package that the file pins, with the extras that it names."""
    found = {}
    for line in (settings.BASE_DIR / name).read_text().splitlines():
        if match := re.match(r"([\w.-]+)(?:\[([^]]*)\])?==", line):
            found[canonicalize_name(match[1])] = {extra.strip() for extra in (match[2] or "").split(",")} - {
                ""
            }
    return found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_package_that_another_one_wants_with_extras_is_pinned_with_them(name: str) -> None:
    pins = pinned(name)
    assert len(pins) > 20
    missing, seen = [], 0
    # Some are pinned for other systems and not installed here.
    for package in distributions():
        extras = pins.get(canonicalize_name(package.name))
        if extras is None:
            continue
        for text in package.requires or []:
            wanted = Requirement(text)
            if not wanted.extras or canonicalize_name(wanted.name) not in pins:
                continue
            if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
                continue
            seen += 1
            if not wanted.extras <= pins[canonicalize_name(wanted.name)]:
                missing.append(f"{package.name} wants {wanted}")
    assert missing == []
    assert seen > 0
