"""The guidelines: versions, slips of the pen, and two who write at once."""

from __future__ import annotations

import pytest

from annotations.errors import NotAllowedError, StaleEntryError
from annotations.models import Study, User
from annotations.services.codebook import InvalidEntryError, last_line
from annotations.services.guidelines import save_guidelines


@pytest.fixture
def written(study: Study) -> Study:
    study.guidelines = "Tag what is claimed."
    study.save()
    return study


def stored(study: Study) -> tuple[str, int]:
    study.refresh_from_db()
    return study.guidelines, study.guidelines_version


def test_a_change_is_a_new_version_and_the_history_has_both(written: Study, curator: User) -> None:
    save_guidelines(by=curator, study=written, text="Tag what is said.")
    assert stored(written) == ("Tag what is said.", 2)
    lines = written.history.order_by("-history_id")[:2]
    assert [line.guidelines for line in lines] == ["Tag what is said.", "Tag what is claimed."]
    assert lines[0].history_user == curator


def test_a_slip_of_the_pen_is_no_new_version_but_is_in_the_history(written: Study, curator: User) -> None:
    before = written.history.count()
    save_guidelines(by=curator, study=written, text="Tag what is claimed!", keeps_meaning=True)
    assert stored(written) == ("Tag what is claimed!", 1)
    assert written.history.count() == before + 1


def test_the_first_guidelines_have_none_that_they_could_be_newer_than(study: Study, curator: User) -> None:
    save_guidelines(by=curator, study=study, text="Tag what is claimed.")
    assert stored(study) == ("Tag what is claimed.", 1)


def test_the_same_text_changes_nothing(written: Study, curator: User) -> None:
    before = written.history.count()
    save_guidelines(by=curator, study=written, text="  Tag what is claimed.\r\n")
    assert stored(written) == ("Tag what is claimed.", 1)
    assert written.history.count() == before


def test_text_is_stored_composed_with_plain_line_ends(written: Study, curator: User) -> None:
    save_guidelines(by=curator, study=written, text="caf\u0065\u0301\r\nand more")
    assert stored(written)[0] == "caf\u00e9\nand more"


def test_text_that_cannot_be_stored_is_refused(written: Study, curator: User) -> None:
    for text in ("x" * 100_001, "a\x00b"):
        with pytest.raises(InvalidEntryError) as refused:
            save_guidelines(by=curator, study=written, text=text)
        assert refused.value.field == "guidelines"
    assert stored(written) == ("Tag what is claimed.", 1)


def test_of_two_who_write_at_once_the_second_hears_of_the_first(
    written: Study, curator: User, owner: User
) -> None:
    """A slip of the pen counts, too, though it is no new version."""
    seen = last_line(written)
    save_guidelines(by=owner, study=written, text="Tag what is claimed!", seen=seen, keeps_meaning=True)
    with pytest.raises(StaleEntryError) as refused:
        save_guidelines(by=curator, study=written, text="Tag it all.", seen=seen)
    assert isinstance(refused.value.current, Study)
    assert refused.value.current.guidelines == "Tag what is claimed!"
    assert stored(written) == ("Tag what is claimed!", 1)
    # Whoever asks for what is stored already has nothing to choose.
    save_guidelines(by=curator, study=written, text="Tag what is claimed!", seen=seen)
    save_guidelines(by=curator, study=written, text="Tag it all.", seen=last_line(written))
    assert stored(written) == ("Tag it all.", 2)


def test_another_setting_of_the_study_is_no_conflict(written: Study, curator: User) -> None:
    seen = last_line(written)
    written.title = "Another title"
    written.save()
    save_guidelines(by=curator, study=written, text="Tag it all.", seen=seen)
    assert stored(written) == ("Tag it all.", 2)
    assert written.title == "Another title"


def test_only_a_curator_writes_them(written: Study, coder: User) -> None:
    with pytest.raises(NotAllowedError):
        save_guidelines(by=coder, study=written, text="Tag it all.")
