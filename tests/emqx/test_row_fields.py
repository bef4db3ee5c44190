"""The facts about the fields of rows agree with the recordings, and with the lists that there are."""

from emqxctl.emqx.row_fields import FieldType, get_field_types
from emqxctl.emqx.row_fields_data import FIELDS
from tests.support.every_case import check_every
from tests.support.recordings import FOLDER
from tests.support.row_fields import TARGET, Fields, format_module, iter_recorded_lists

RECORDED_LISTS = [(path, fields) for path, fields in iter_recorded_lists(FOLDER) if path in FIELDS]
# Objects whose keys users choose are recorded like any other object.
SAME_TYPES = {"object": {"object", "map"}}


def test_more_than_25_lists_were_recorded() -> None:
    assert len({path for path, _ in RECORDED_LISTS}) > 25


def test_every_recorded_field_is_listed_with_its_types() -> None:
    def check(recorded_list: tuple[str, Fields]) -> None:
        path, fields = recorded_list
        listed_types = get_field_types(path)
        missing = {
            (name, type_name)
            for name, types in fields.items()
            for type_name in types
            if not listed_types.get(name, set()) & (SAME_TYPES.get(type_name, {type_name}) | {"any"})
        }
        assert missing == set()

    check_every(RECORDED_LISTS, check, name=lambda recorded_list: recorded_list[0])


def test_every_field_is_listed_once_and_with_existing_types() -> None:
    def check(path: str) -> None:
        names = [name for group in FIELDS[path].values() for name in group.split()]
        assert len(names) == len(set(names))
        assert all(types <= set(FieldType) for types in get_field_types(path).values())

    check_every(sorted(FIELDS), check)


def test_the_generator_writes_the_same_fields() -> None:
    merged = {
        path: {
            name: {str(field_type) for field_type in types} for name, types in get_field_types(path).items()
        }
        for path in FIELDS
    }
    namespace: dict[str, object] = {}
    exec(format_module(merged), namespace)
    assert namespace["FIELDS"] == FIELDS
    assert TARGET.exists()
