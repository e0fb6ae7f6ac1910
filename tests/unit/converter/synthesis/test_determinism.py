"""The same example gives the same program, byte for byte, however busy the machine is and whatever hashes do."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.unit.converter.synthesis.test_date_skills import SKILLS as DATES
from tests.unit.converter.synthesis.test_figure_skills import SKILLS as FIGURES
from tests.unit.converter.synthesis.test_grid_skills import SKILLS as GRIDS
from tests.unit.converter.synthesis.test_skills import COLUMN_SKILLS

MOST = 10
"""Pairs of each of the four kinds."""
_LEARN = """
import json, sys
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
for given, wanted in json.load(sys.stdin):
    tables = (Table(None, tuple(map(tuple, rows))) for rows in (given, wanted))
    program = learn(*tables)
    print(json.dumps([program.status, program.sql, program.report.as_json()], sort_keys=True))
"""


def cells(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.split("\n")]


def pairs() -> list[list[list[list[str]]]]:
    found = []
    for skills in (COLUMN_SKILLS, DATES, FIGURES, GRIDS):
        examples = [case for case in skills.values() if isinstance(case, tuple) and isinstance(case[1], str)]
        chosen = examples[:: max(1, len(examples) // MOST)][:MOST]
        found += [[cells(case[0]), cells(case[1])] for case in chosen]
    return found


def learn_all(examples: list[list[list[list[str]]]], seed: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LEARN],
        input=json.dumps(examples),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    return done.stdout.splitlines()


def test_forty_examples_learned_alone_and_beside_eleven_others_give_the_same() -> None:
    examples = pairs()
    alone = learn_all(examples, "0")
    assert len(alone) == len(examples) == 4 * MOST
    # Twelve searches on the cores of this machine: each part is learned beside others, in processes of its own.
    parts = [examples[i::12] for i in range(12)]
    with ThreadPoolExecutor(12) as pool:
        beside = list(pool.map(learn_all, parts, [str(7 * i + 1) for i in range(12)]))
    for i, part in enumerate(beside):
        assert part == alone[i::12]
