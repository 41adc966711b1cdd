"""What people are told of the weather services: before their place leaves the house, and where the figures come from."""

from __future__ import annotations

LEAVES = (
    "To find your town, its name is sent to the weather service (Open-Meteo). To get its weather, the place is sent, rounded to about "
    "11 km, and the days. Who you are is never sent. If you do not want that, load a CSV file of the weather instead."
)
"""Said before a town is searched for or kept."""

ATTRIBUTION = (
    "Weather data by [Open-Meteo.com](https://open-meteo.com) ([CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)), taken "
    "together by days. UV, particulates and pollen: CAMS, the European Union's Copernicus Atmosphere Monitoring Service. Towns: "
    "[GeoNames](https://www.geonames.org)."
)
"""Said wherever the weather is shown; Markdown. The licence asks for the names, the links and that changes were made."""

MISSING = "Pollen is known for Europe only, and UV and particulates from August 2022. What a service does not have is shown as missing."
"""Said beside a table or chart with gaps."""
