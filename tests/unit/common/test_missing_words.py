"""What is said of a task or job that is not there: an id that can be nobody's is told with what one looks like."""

import re
from collections.abc import Callable

import pytest

from services.common.jobs.kind import JobKind
from services.converter.domain.places import Places
from services.converter.mapping import make_job_kind
from services.portfolio.mapping import TASK_KIND

KINDS = {"task": lambda: TASK_KIND, "job": lambda: make_job_kind(Places("jobs/"))}


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_a_bad_id_is_told_with_an_example_that_is_a_good_one(make: Callable[[], JobKind]) -> None:
    kind = make()
    form, example = kind.job_id_form
    assert re.fullmatch(form, example)
    assert kind.missing("nonsense").message.endswith(f"its id would look like {example}")
    assert "look like" not in kind.missing(example).message
