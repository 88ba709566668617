"""Generates trip records in the form of TLC's, the same every time, for tests and for runs without raw data.

A model can learn from them about as much as from real trips: durations depend on distance, hour, weekday and
the traffic of the zones, with as much noise. About 1% of the rows are broken in the same ways as TLC's.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from include.taxi_data.errors import BadSourceError

SAMPLE_FILES = ("sample://2024-01.csv", "sample://2024-02.csv")
TRIPS_PER_FILE = 10_000
BROKEN_PER_KIND = 14

HEADERS = {  # one of each kind: a run without raw data reads both
    SAMPLE_FILES[0]: (
        "vendor_id,pickup_datetime,dropoff_datetime,passenger_count,trip_distance,pickup_location_id,"
        "dropoff_location_id,payment_type,fare_amount"
    ),
    SAMPLE_FILES[1]: (
        "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,PULocationID,"
        "DOLocationID,payment_type,fare_amount"
    ),
}

EWR, JFK, LGA = 1, 132, 138
UNKNOWN = 264  # TLC's code for a location that the meter did not record
# fmt: off
MANHATTAN = [
    4, 13, 24, 41, 43, 45, 48, 50, 68, 74, 75, 79, 87, 88, 90, 100, 107, 113, 114, 125, 137, 140, 141,
    142, 143, 144, 148, 151, 158, 161, 162, 163, 164, 166, 170, 186, 209, 211, 224, 229, 230, 231, 232,
    233, 234, 236, 237, 238, 239, 246, 249, 261, 262, 263,
]
# fmt: on

# Per hour of the day: the number of trips, and the speed of traffic (1: empty roads). Only ratios count.
WEEKDAY_DEMAND = [2, 1, 1, 1, 1, 2, 4, 7, 8, 8, 7, 7, 8, 8, 8, 8, 7, 8, 10, 10, 9, 8, 7, 5]
WEEKEND_DEMAND = [9, 8, 6, 4, 2, 1, 1, 2, 3, 4, 6, 7, 8, 8, 8, 8, 8, 8, 8, 8, 7, 7, 8, 8]
WEEKDAY_SPEED = [0.9, 0.95, 1, 1, 1, 0.95, 0.8, 0.6, 0.5, 0.52, 0.55, 0.55]
WEEKDAY_SPEED += [0.53, 0.53, 0.5, 0.47, 0.45, 0.45, 0.5, 0.58, 0.66, 0.7, 0.75, 0.82]
WEEKEND_SPEED = [0.8, 0.82, 0.85, 0.9, 1, 1, 1, 0.95, 0.9, 0.8, 0.72, 0.68]
WEEKEND_SPEED += [0.64, 0.62, 0.62, 0.62, 0.62, 0.62, 0.63, 0.65, 0.7, 0.72, 0.74, 0.76]


@dataclass(frozen=True, slots=True)
class City:
    """Zones 1 to 263: positions (miles east and north), shares of the pickups, and how slow they are."""

    east: np.ndarray
    north: np.ndarray
    popularity: np.ndarray
    slowness: np.ndarray

    @classmethod
    def build(cls) -> "City":
        """Place Manhattan's zones on a narrow strip, the airports where they are, the others around them."""
        random = np.random.default_rng(265)
        east, north = random.uniform(-7, 9, 264), random.uniform(-9, 12, 264)
        popularity = random.uniform(0.02, 0.15, 264)
        slowness = random.uniform(0.75, 1.0, 264)
        zones = np.array(MANHATTAN)
        east[zones], north[zones] = random.uniform(-1, 1, len(zones)), random.uniform(-4, 7, len(zones))
        popularity[zones] = random.uniform(3, 12, len(zones))
        slowness[zones] = 1.05 + 0.25 * np.exp(-(((north[zones] - 1) / 2) ** 2))
        for airport, place, trips in ((JFK, (9, -5), 13), (LGA, (5, 3), 12), (EWR, (-9, -3), 0.5)):
            east[airport], north[airport] = place
            popularity[airport] = trips
        popularity[0] = 0  # there is no zone 0
        return cls(east, north, popularity / popularity.sum(), slowness)

    def blocks(self) -> np.ndarray:
        """Return the distances along streets, in miles, from each zone (row) to each zone (column)."""
        return abs(self.east[:, None] - self.east) + abs(self.north[:, None] - self.north)

    def draw_dropoffs(self, zone_from: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Draw a dropoff zone for each pickup zone: likely a busy one nearby, or an airport."""
        nearness = 1 / (1 + (self.blocks() / 0.8) ** 2)
        airports = [JFK, LGA, EWR]
        nearness[:, airports] = nearness[airports, :] = 0.04
        cumulative = np.cumsum(self.popularity * nearness, axis=1)[zone_from]
        return (cumulative < (random.random(len(zone_from)) * cumulative[:, -1])[:, None]).sum(axis=1)


def write_sample_file(address: str, path: Path) -> None:
    """Write one of SAMPLE_FILES as CSV: January with columns in snake case, February with TLC's own names.

    Raises BadSourceError for another address.
    """
    if address not in SAMPLE_FILES:
        raise BadSourceError(address, f"is not part of the sample: there are {' and '.join(SAMPLE_FILES)}")
    month = SAMPLE_FILES.index(address) + 1
    random = np.random.default_rng([2024, month])
    rows = _break_some(_make_trips(month, random), random)
    lines = [HEADERS[address], *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _make_trips(month: int, random: np.random.Generator) -> list[list[str]]:
    """Return clean trips of a month of 2024, in the order of HEADERS."""
    city, n = City.build(), TRIPS_PER_FILE
    start, days = datetime(2024, month, 1), monthrange(2024, month)[1]
    day = random.integers(0, days, n)
    weekend = (start.weekday() + day) % 7 >= 5
    hour = np.where(weekend, _draw(WEEKEND_DEMAND, n, random), _draw(WEEKDAY_DEMAND, n, random))
    pickup = (day * 24 + hour) * 3600 + random.integers(0, 3600, n)
    zone_from = _draw(city.popularity, n, random)
    zone_to = city.draw_dropoffs(zone_from, random)

    blocks = city.blocks()[zone_from, zone_to]
    miles = np.round(blocks * random.normal(1.12, 0.06, n) + random.uniform(0.2, 0.9, n), 2)
    flow = np.where(weekend, np.array(WEEKEND_SPEED)[hour], np.array(WEEKDAY_SPEED)[hour])
    slowness = (city.slowness[zone_from] + city.slowness[zone_to]) / 2
    mph = (13 + 9 * np.log1p(miles)) * flow / slowness  # long trips take faster roads
    seconds = (75 + miles / mph * 3600) * np.exp(_noise(day, miles, random))
    fares = 3 + 2.5 * miles + seconds / 120

    unknown = random.random(n) < 0.014
    zone_from, zone_to = np.where(unknown, UNKNOWN, zone_from), np.where(unknown, UNKNOWN, zone_to)

    order = np.argsort(pickup, kind="stable")
    riders = random.choice([1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6], n)
    vendors, payments = random.integers(1, 3, n), random.choice([1, 1, 1, 2], n)
    return [
        [
            str(vendors[i]),
            str(start + timedelta(seconds=int(pickup[i]))),
            str(start + timedelta(seconds=int(pickup[i]) + int(seconds[i]))),
            str(riders[i]),
            f"{miles[i]:.2f}",
            str(zone_from[i]),
            str(zone_to[i]),
            str(payments[i]),
            f"{fares[i]:.2f}",
        ]
        for i in order
    ]


def _noise(day: np.ndarray, miles: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the logarithm of the delays that no column explains: slow days, and stops at red lights.

    The latter average out on long trips.
    """
    slow_days = random.normal(0, 0.06, day.max() + 1)[day]
    red_lights = np.clip(random.laplace(0, 1, len(day)), -2.4, 4)
    return slow_days + red_lights * 0.28 / np.sqrt(1 + miles / 5)


def _draw(weights: list[int] | np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    """Draw n positions of `weights`, with probabilities in proportion to the weights."""
    cumulative = np.cumsum(weights)
    return np.searchsorted(cumulative, random.random(n) * cumulative[-1], side="right")


def _break_some(rows: list[list[str]], random: np.random.Generator) -> list[list[str]]:
    """Break BROKEN_PER_KIND rows in each of the ways in which real records are broken."""
    pickup, dropoff, distance, zone = 1, 2, 4, 5
    victims = iter(random.permutation(len(rows)).tolist())
    for _ in range(BROKEN_PER_KIND):
        row = rows[next(victims)]
        row[pickup], row[dropoff] = row[dropoff], row[pickup]
        row = rows[next(victims)]
        row[dropoff] = str(datetime.fromisoformat(row[dropoff]) + timedelta(hours=23, minutes=20))
        row = rows[next(victims)]
        row[dropoff] = str(datetime.fromisoformat(row[pickup]) + timedelta(seconds=3))
        row = rows[next(victims)]
        row[pickup], row[dropoff] = row[pickup].replace("2024", "2084"), row[dropoff].replace("2024", "2084")
        rows[next(victims)][distance] = "0.00"
        rows[next(victims)][distance] = "10000.00"
        rows[next(victims)][distance] = "unknown"
        rows[next(victims)][zone] = "999"
        del rows[next(victims)][-3:]
        rows.append(list(rows[next(victims)]))
    return rows
