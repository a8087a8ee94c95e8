"""Numbers as the pages write them."""

from __future__ import annotations

import pytest
from django.conf import global_settings
from django.test import override_settings
from django.utils import translation
from django.utils.formats import number_format, reset_format_cache

from annotations.templatetags.summit import balance, decimals, percent

VALUES = (0.0, 0.004, 0.005, 0.5, 0.999, 1.0, 2.675, 12.345, 99.95, 998.994, 999.0, 999.996, 1234.5, 1e6)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("digits", [0, 1, 2, 3])
def test_they_are_what_django_writes_in_every_language(digits: int, grouped: bool) -> None:
    reset_format_cache()
    with override_settings(USE_THOUSAND_SEPARATOR=grouped):
        for language, _name in global_settings.LANGUAGES:
            with translation.override(language):
                written = [decimals(value, digits) for value in VALUES]
                assert written == [number_format(f"{v:.{digits}f}", digits) for v in VALUES], language
    reset_format_cache()


def test_a_share_is_in_percent_and_a_balance_has_its_sign() -> None:
    assert [percent(0.0542), percent(0.995, 0), percent(None)] == ["5.4\u00a0%", "100\u00a0%", "–"]
    assert [balance(-0.5), balance(-0.001), balance(0.25, 1), balance(None)] == ["−0.50", "0.00", "0.2", "–"]
    with translation.override("de"):
        assert [percent(0.0542), balance(-0.5), decimals(1.0, 1)] == ["5,4\u00a0%", "−0,50", "1,0"]
