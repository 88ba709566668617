"""The Markdown report of the data DAG."""

from include.taxi_data.report import trips_report

REPORT = """### Trips

| | trips |
| :-- | --: |
| read | 20,000 |
| rejected: no_distance | 31 |
| rejected: duplicate | 2 |
| rejected in total | 33 |
| **kept** | 19,967 |

- Features: s3://bucket/features.parquet (19,967 rows)
- Rejected trips: s3://bucket/rejected/run.parquet
"""


def test_the_most_frequent_reason_comes_first():
    published = {
        "trips_read": 20000,
        "trips_rejected": 33,
        "trips_kept": 19967,
        "rejected_by_reason": {"duplicate": 2, "no_distance": 31},
        "features": "s3://bucket/features.parquet",
        "rejected": "s3://bucket/rejected/run.parquet",
    }
    assert trips_report(published) == REPORT
