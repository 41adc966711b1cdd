"""The house is shared by the tests of core.records, core.people and core.demo.people."""

from tests.core.house import _tables as _tables
from tests.core.house import _template as _template
from tests.core.house import house as house
from tests.core.house import place as place
