"""The connections file of the demo is one that the product accepts, and names what its practice APIs have."""

import pytest

from adminui.connections import live
from adminui.management import demo
from tests.conftest import Live


def test_the_demos_file_has_no_mistakes(configure):
    apis = demo.practice_apis(demo.PortPicker())
    configure("\n".join(api.toml() for api in apis))
    assert list(live.connections()) == [api.name for api in apis]
    assert {name for name, c in live.connections().items() if c.resources} == set(demo.OVERRIDES)


@pytest.mark.parametrize("name", demo.OVERRIDES)
def test_the_demos_columns_and_labels_are_of_fields_that_exist(buzz: Live, autotask: Live, db, configure, name):
    configure("\n".join(api.toml() for api in demo.practice_apis(demo.PortPicker())))
    wanted = live.connections()[name]
    source = live.connections()["autotask-test" if wanted.dialect == "autotask" else "buzz-test"]
    for resource, over in wanted.resources.items():
        fields = live.describe(source, resource).resource.by_name
        assert {*over.columns, *over.labels} <= fields.keys() and over.columns
