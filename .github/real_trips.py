"""Makes the samples of real trips that the tests read, out of the TLC's public files.

`python real_trips.py FOLDER [ADDRESS]`: a sample of January's and one of February's trips of 2019, as CSV.
"""

import sys
from pathlib import Path

import pandas as pd

ADDRESS = "https://d37ci6vzurychx.cloudfront.net/trip-data/yellow_tripdata_{month}.parquet"
TRIPS = 30_000  # of fewer, some samples miss the tests' bounds for the models' errors by chance
PLAIN = {
    "VendorID": "vendor_id",
    "tpep_pickup_datetime": "pickup_datetime",
    "tpep_dropoff_datetime": "dropoff_datetime",
    "RatecodeID": "rate_code_id",
    "PULocationID": "pickup_location_id",
    "DOLocationID": "dropoff_location_id",
}


def main() -> None:
    """Write one file a month."""
    folder, address = Path(sys.argv[1]), (sys.argv[2:] or [ADDRESS])[0]
    folder.mkdir(parents=True, exist_ok=True)
    for month in ("2019-01", "2019-02"):
        trips = pd.read_parquet(address.format(month=month)).sample(TRIPS, random_state=0)
        name = f"yellow_tripdata_sample_{month.replace('-', '_')}.csv"
        trips.rename(columns=PLAIN).to_csv(folder / name, index=False)


if __name__ == "__main__":
    main()
