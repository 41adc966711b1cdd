"""Both places, for what passes between people."""

from tests.core.house import _tables as _tables
from tests.core.house import _template as _template
from tests.core.house import house as house
from tests.core.house import place as place
