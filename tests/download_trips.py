"""Downloads real taxi trips for `make test-real-trips`: a sample of January's and one of February's of 2019.

New York's Taxi and Limousine Commission (TLC) publishes every trip, a Parquet file per month:
https://www.nyc.gov/site/tlc/about/tlc-trip-record-data.page. Each sample becomes a CSV file in FOLDER; about
1% of its rows are broken, as TLC published them. Downloads about 200 MB and needs several GB of memory.

    python tests/download_trips.py trips
    make test-real-trips TLC=trips
"""

import argparse
from pathlib import Path

import pandas as pd

MONTHS = ("2019-01", "2019-02")
ADDRESS = "https://d37ci6vzurychx.cloudfront.net/trip-data/yellow_tripdata_{month}.parquet"
TRIPS = 30_000  # with fewer, chance decides whether a sample meets the bounds of the models' tests
RENAMED = {
    "VendorID": "vendor_id",
    "tpep_pickup_datetime": "pickup_datetime",
    "tpep_dropoff_datetime": "dropoff_datetime",
    "RatecodeID": "rate_code_id",
    "PULocationID": "pickup_location_id",
    "DOLocationID": "dropoff_location_id",
}


def main() -> None:
    """Write one file per month."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where to write the CSV files")
    parser.add_argument(
        "--address",
        default=ADDRESS,
        help="address or path of a month's file, with {month} in it (default: %(default)s)",
    )
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for month in MONTHS:
        trips = pd.read_parquet(arguments.address.format(month=month)).sample(TRIPS, random_state=0)
        file = arguments.folder / f"yellow_tripdata_sample_{month.replace('-', '_')}.csv"
        trips.rename(columns=RENAMED).to_csv(file, index=False)
        print(f"{file}: {TRIPS:,} trips")


if __name__ == "__main__":
    main()
