"""The facts about the fields of rows agree with the recordings, and with the lists that there are."""

import pytest

from emqxctl.emqx.row_fields import FieldType, field_types
from emqxctl.emqx.row_fields_data import FIELDS
from tests.support.recordings import FOLDER
from tests.support.row_fields import TARGET, format_module, iter_recorded_lists

RECORDED = [(path, fields) for path, fields in iter_recorded_lists(FOLDER) if path in FIELDS]
# Objects whose keys users choose are recorded like any other object.
SAME = {"object": {"object", "map"}}


def test_most_lists_were_recorded() -> None:
    assert len({path for path, _ in RECORDED}) > 25


@pytest.mark.parametrize("path", sorted({path for path, _ in RECORDED}))
def test_every_recorded_field_is_known_with_its_types(path: str) -> None:
    known = field_types(path)
    for one, fields in RECORDED:
        for name, types in fields.items() if one == path else ():
            assert name in known, name
            for each in types:
                wanted = SAME.get(each, {each}) | {"any"}
                assert {str(one) for one in known[name]} & wanted, (name, each)


@pytest.mark.parametrize("path", sorted(FIELDS))
def test_a_field_stands_once_and_its_types_are_types(path: str) -> None:
    names = [name for group in FIELDS[path].values() for name in group.split()]
    assert len(names) == len(set(names))
    assert all(types <= set(FieldType) for types in field_types(path).values())


def test_the_generator_writes_this_form() -> None:
    merged = {
        path: {name: {str(one) for one in types} for name, types in field_types(path).items()}
        for path in FIELDS
    }
    written: dict[str, object] = {}
    exec(format_module(merged), written)
    assert written["FIELDS"] == FIELDS
    assert TARGET.exists()
