"""The Markdown report of the data DAG."""

from include.taxi_data.report import skipped_report, trips_report

REPORT = """### Trips

| | trips |
| :-- | --: |
| read | 20,000 |
| rejected: no_distance | 31 |
| rejected: duplicate | 2 |
| rejected in total | 33 |
| **kept** | 19,967 |

| file | rejected trips |
| :-- | --: |
| https://example.org/a.csv | 32 |
| b\\|c.csv | 1 |

- Features: s3://bucket/features.parquet (19,967 rows)
- Rejected trips: s3://bucket/rejected/run.parquet
"""


def test_the_most_frequent_reason_comes_first():
    published = {
        "trips_read": 20000,
        "trips_rejected": 33,
        "trips_kept": 19967,
        "rejected_by_reason": {"duplicate": 2, "no_distance": 31},
        "rejected_by_file": {"b|c.csv": 1, "https://example.org/a.csv?signature=secret": 32},
        "features": "s3://bucket/features.parquet",
        "rejected": "s3://bucket/rejected/run.parquet",
    }
    assert trips_report(published) == REPORT


def test_long_lists_of_files_are_cut():
    names = [f"{i}.txt" for i in range(50)]
    assert skipped_report(names[:2]) == "### Skipped in directories: 2\n\n- 0.txt\n- 1.txt\n"
    assert skipped_report(names).endswith("- 19.txt\n- and 30 more\n")
    published = {"rejected_by_reason": {}, "trips_read": 9, "trips_rejected": 9, "trips_kept": 0}
    published |= {"features": "", "rejected": "", "rejected_by_file": dict.fromkeys(names, 2)}
    assert "| 19.txt | 2 |\n| 30 more files | 60 |\n" in trips_report(published)
