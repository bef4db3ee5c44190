"""Mistakes in the SQL of a rule are named, and corrected if it is clear how."""

import pytest

from emqxctl.emqx.rule_sql import find_sql_mistake
from emqxctl.sandbox.rule_engine.sql import SqlError, parse_sql

RIGHT = 'SELECT * FROM "t/#"'
MISTAKES = {
    "SELECT * FROM t/#": ("must be in double quotes", RIGHT),
    "SELECT * FROM t/# WHERE payload.t > 30": ("must be in double quotes", f"{RIGHT} WHERE payload.t > 30"),
    "SELECT * FROM 't/#'": ("not in single ones", RIGHT),
    'SELECT * FORM "t/#"': ("FORM is not a keyword; did you mean FROM?", RIGHT),
    "SELECT * FORM t/#": ("did you mean FROM?", RIGHT),
    'SELECT * from "t/#" wher a = 1': ("did you mean WHERE?", 'SELECT * from "t/#" WHERE a = 1'),
    'SELEC * FROM "t/#"': ("must begin with SELECT", RIGHT),
    'SELECT * FROM "t/#";': ("semicolon", RIGHT),
    'SELECT * FROM "t/#" WHERE a == 1': ("= compares", f"{RIGHT} WHERE a = 1"),
    'SELECT * FROM "t/#" WHERE a = 1 && b = 2': ("AND", f"{RIGHT} WHERE a = 1 AND b = 2"),
    "SELECT payload": ("is missing", 'SELECT payload FROM "sensors/#"'),
    "SELECT FROM": ("nothing is selected", 'SELECT * FROM "sensors/#"'),
    "nonsense": ("must begin with SELECT", ""),
    'SELECT * FROM "t/#': ("not closed", ""),
    "": ("empty", 'SELECT payload.t AS t FROM "sensors/#" WHERE t > 30'),
}


@pytest.mark.parametrize(("sql", "expected"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_a_mistake_is_named_and_corrected(sql: str, expected: tuple[str, str]) -> None:
    mistake = find_sql_mistake(sql)
    assert mistake is not None
    assert (expected[0] in mistake.message, mistake.correction) == (True, expected[1]), mistake


def test_corrections_can_be_parsed() -> None:
    for correction in {correction for _, correction in MISTAKES.values() if correction}:
        parse_sql(correction)
        assert find_sql_mistake(correction) is None


def test_valid_statements_have_no_mistake_although_they_look_like_one() -> None:
    for sql in (
        'SELECT payload.form, topic AS form FROM "a/b"',
        'SELECT * FROM "t" WHERE payload.where = 1',
        "FOREACH payload.items AS i DO i.x INCASE i.x = 'FORM' FROM \"t\"",
        'SELECT * FROM "a", "$events/client_connected"',
    ):
        assert find_sql_mistake(sql) is None
    with pytest.raises(SqlError):
        parse_sql('SELECT * FORM "t/#"')
