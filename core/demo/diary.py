"""Half a year of a made-up diary and its made-up weather, whose truth is known, for the demo patient.

The truth, so that a presenter can check what the app finds: when the air holds less water (dry cold), her eczema is worse two days later,
`DRY` points for each gram per cubic metre less; wool makes it worse the day after, by `WOOL` points; chocolate does nothing. Yesterday's
severity stays to `KEEPS`, the rest is chance. The weather has a season and days that hang together, and goes with nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.people.policy import Actor
from core.records.diary import Met, Written, import_days, list_days
from core.records.diary_tables import DiaryDayCreate
from core.records.times import now
from core.records.weather_loaded import load_weather, loaded_span
from core.weather.daily import absolute_humidity
from core.weather.weather_csv import Row

DAYS, BEFORE = 180, 8
"""Days of the diary, and days of weather before it."""
LAG = 2
"""Days from dry air to a worse day."""
DRY, WOOL, KEEPS = 0.45, 2.2, 0.35
USUAL, CHANCE, MISSED = 3.2, 0.7, 0.04
SEED = 11


@dataclass(frozen=True)
class Truth:
    """What was made up: for each day its weather (`days` + BEFORE of them), and the entries of the diary."""

    weather: tuple[Row, ...]
    diary: tuple[Written, ...]


def made_up(last: date, days: int = DAYS, seed: int = SEED) -> Truth:
    """A diary of so many days up to `last`, and its weather; the same numbers for the same `seed`, whatever the day."""
    rng = np.random.default_rng(seed)
    n = days + BEFORE
    first = last - timedelta(days=n - 1)
    wave = np.sin(2 * np.pi * (np.arange(n) / 365 + 0.1))
    cold = wander(rng, n, 0.75, 3.5)
    temperature = 9 + 6 * wave - cold
    humidity = np.clip(68 - 3 * wave + wander(rng, n, 0.6, 8.0), 25, 99)
    water = absolute_humidity(temperature, humidity)
    pressure = 1014 + wander(rng, n, 0.7, 7.0)
    spread = np.clip(8 + 2 * wave + wander(rng, n, 0.4, 2.0), 1, 18)
    wool, chocolate, stress = rng.random(n) < 0.13, rng.random(n) < 0.3, rng.random(n) < 0.1
    severity = np.full(n, USUAL)
    for at in range(1, n):
        dry = DRY * (water.mean() - water[max(0, at - LAG)])
        pull = KEEPS * (severity[at - 1] - USUAL) + dry + WOOL * wool[at - 1] * (1 - KEEPS * wool[max(0, at - 2)])
        severity[at] = USUAL + pull + rng.normal(0, CHANCE)
    itch = severity + rng.normal(0.5, 0.8, n)
    sleep = 0.6 * severity + rng.normal(-0.5, 0.8, n)
    skipped = rng.random(n) < MISSED
    things = ((wool, Met("contact", "Wool")), (chocolate, Met("food", "Chocolate")), (stress, Met("health", "Stress")))
    met = [tuple(thing for there, thing in things if there[at]) for at in range(n)]
    weather = tuple(
        Row(
            first + timedelta(days=at),
            {
                "temperature": round(float(temperature[at]), 1),
                "temperature_range": round(float(spread[at]), 1),
                "humidity": round(float(humidity[at]), 1),
                "absolute_humidity": round(float(water[at]), 2),
                "pressure": round(float(pressure[at]), 1),
            },
        )
        for at in range(n)
    )
    used = [["emollient", "steroid"] if value >= 6 else ["emollient"] for value in severity]
    diary = tuple(
        Written(
            DiaryDayCreate(
                day=first + timedelta(days=at),
                itch=_told(itch[at]),
                sleep=_told(sleep[at]),
                severity=_told(severity[at]),
                treatments=used[at],
            ),
            met[at],
        )
        for at in range(BEFORE, n)
        if not skipped[at]
    )
    return Truth(weather, diary)


def _told(value: float) -> int:
    return int(np.clip(round(value), 0, 10))


def wander(rng: np.random.Generator, days: int, keeps: float, spread: float) -> NDArray[np.float64]:
    """A value that keeps so much of itself from day to day, of standard deviation `spread` about 0 (AR(1), stationary)."""
    out = rng.normal(0, spread, days)
    for at in range(1, days):
        out[at] = keeps * out[at - 1] + np.sqrt(1 - keeps**2) * out[at]
    return out


def seed_diary(actor: Actor) -> None:
    """The half year up to yesterday, for the actor's first person; a diary that is there stays as it is."""
    (person_id,) = actor.person_ids
    yesterday = now().date() - timedelta(days=1)
    truth = made_up(yesterday)
    if not list_days(actor, person_id):
        import_days(actor, person_id, truth.diary)
    if loaded_span(actor, person_id) is None:
        load_weather(actor, person_id, truth.weather)
