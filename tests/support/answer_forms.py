"""Answers of models in the forms that they really come in, around one program."""

import json
from typing import Any

SQL = "SELECT quantity, left(md5(quantity), 6) AS code FROM input ORDER BY _row"
LINES = "SELECT\n    quantity, -- as it is\n    left(md5(quantity), 6) AS code\nFROM input\nORDER BY _row"
RULE = "left(md5(quantity), 6)"
_OBJECT = json.dumps({"sql": SQL, "columns": [{"name": "code", "words": "a digest"}]})


def _json(**fields: Any) -> str:
    return json.dumps(fields)


TAKEN: dict[str, Any] = {
    "the object": _OBJECT,
    "only the sql": _json(sql=SQL),
    "columns empty": _json(sql=SQL, columns=[]),
    "columns null": _json(sql=SQL, columns=None),
    "columns as an object": _json(sql=SQL, columns={"code": "a digest"}),
    "columns as texts": _json(sql=SQL, columns=["code"]),
    "columns without words": _json(sql=SQL, columns=[{"name": "code"}]),
    "more fields": _json(thinking="first I look", sql=SQL, confidence=0.9, columns=[]),
    "fenced json": f"```json\n{_OBJECT}\n```",
    "fenced without a language": f"```\n{_OBJECT}\n```",
    "tilde fences": f"~~~json\n{_OBJECT}\n~~~",
    "prose before": f"Sure! Here is the object you asked for:\n\n{_OBJECT}",
    "prose behind": f"{_OBJECT}\n\nLet me know if you need anything else.",
    "prose around fences": f"Here it is:\n```json\n{_OBJECT}\n```\nThe code is a digest.",
    "thoughts before": f"<think>The code looks like md5. SELECT nothing FROM here?</think>{_OBJECT}",
    "thoughts without a beginning": f"the code looks like a hash</think>\n{_OBJECT}",
    "reasoning tags": f"<reasoning>md5</reasoning>\n```sql\n{SQL}\n```",
    "raw line breaks": '{"sql": "' + LINES + '", "columns": []}',
    "escaped line breaks": _json(sql=LINES),
    "sql in a fence": f"```sql\n{LINES}\n```",
    "sql in a fence behind reasoning": f"The codes are hexadecimal, so:\n\n```sql\n{LINES};\n```\n\nThis holds for all rows.",  # noqa: E501
    "duckdb fence": f"```duckdb\n{SQL}\n```",
    "fence in one line": f"```{SQL}```",
    "fence that never ends": f"```sql\n{LINES}\n",
    "bare sql": SQL,
    "bare sql with a semicolon": f"{LINES};",
    "bare sql behind prose": f"The program is:\n{LINES};\nIt takes the digest of the quantity.",
    "bare sql in a sentence": f"Use this: {SQL}",
    "bare sql with prose behind a blank line": f"{LINES}\n\nThis program takes the digest.",
    "a draft before": f"First try:\n```sql\nSELECT quantity FROM input\n```\nBetter:\n```sql\n{SQL}\n```",
    "final answer": f"Thought: done\nFinal Answer: {_OBJECT}",
    "query for sql": _json(query=SQL),
    "upper-case field": _json(SQL=SQL),
    "nested": _json(answer={"sql": SQL}),
    "in a list": json.dumps([{"sql": SQL}]),
    "lines in a list": _json(sql=LINES.split("\n")),
    "json in json": json.dumps(_OBJECT),
    "fence in json": _json(sql=f"```sql\n{SQL}\n```"),
    "a tool call": _json(name="final_answer", arguments=_OBJECT),
    "content parts": [{"type": "text", "text": _OBJECT}],
    "an object": {"sql": SQL, "columns": []},
    "single quotes": "{'sql': 'SELECT quantity, left(md5(quantity), 6) AS code FROM input ORDER BY _row', 'columns': []}",  # noqa: E501
    "a trailing comma": '{"sql": "' + SQL + '", "columns": [],}',
    "no outer brackets": f'"sql": "{SQL}"',
    "yaml": f"sql: |\n  {SQL}",
    "tags": f"<sql>{SQL}</sql>",
    "triple quotes": f'{{"sql": """{LINES}"""}}',
    "a byte order mark": f"\ufeff{_OBJECT}",
    "smart quotes": "{“sql”: “" + SQL + "”}",
    "entities": f"&quot;sql&quot;: &quot;{SQL}&quot;",
    "a common table expression": "WITH c AS (SELECT *, left(md5(quantity), 6) AS code FROM input)\nSELECT quantity, code FROM c ORDER BY _row",  # noqa: E501
    "a comment first": f"```sql\n-- the digest\n{SQL}\n```",
    "bold": f"**Answer**\n\n{SQL}",
    "backticks": f"`{SQL}`",
    "rules by name": _json(rules={"code": RULE}),
    "rules in a list": _json(columns=[{"name": "code", "sql": RULE}]),
    "rules as expressions": _json(columns=[{"column": "code", "expression": RULE}]),
    "columns alone": _json(code=RULE),
    "rules in a fence": f"The rule:\n```json\n{_json(rules={'code': RULE})}\n```",
}
"""By what is unusual about them; each holds the program, or the rule for its open column."""

REFUSED: dict[str, Any] = {
    "empty": "",
    "blank": " \n",
    "nothing": None,
    "a refusal": "I'm sorry, but I can't help with that.",
    "thoughts alone": "<think>SELECT a FROM input</think>",
    "thoughts that never end": "<think>first SELECT a FROM input, then",
    "cut within the sql": '{"sql": "SELECT quantity, left(md5(quan',
    "cut within a fence": "```sql\nSELECT quantity, left(md5(quan",
    "an empty object": "{}",
    "an empty sql": _json(sql="", columns=[]),
    "sql of another type": _json(sql=5),
    "another language": "import csv\nprint('x')",
    "a question": "Which column do you want me to select from the table?",
    "an html page": "<html><body><h1>502 Bad Gateway</h1></body></html>",
}
"""What holds no program."""
