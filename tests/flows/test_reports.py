"""The Markdown reports of the flows."""

import pytest
from taxi.reports import drift_report, model_report

MODEL = """### Model, trained on 1,200 trips, tested on 600 later ones

|  | this run | naive baseline | {title} |
| :-- | --: | --: | --: |
| mean absolute error | 176 s | 438 s | {} |
| root mean squared error | 286 s | 624 s | {} |
| R2 | 0.789 | -0.003 | {} |
"""
DRIFT = """### Drift against the training trips

|  | of | PSI | verdict |
| :-- | --: | --: | --: |
| hour_of_day | data | 0.001 | stable |
| predicted_duration_seconds | prediction | 0.251 | **major** |

Predictions: s3://bucket/predictions.parquet (600 rows)
"""
METRICS = {"mae_seconds": 176.2, "rmse_seconds": 285.9, "r2": 0.7889}
BASELINE = {"mae_seconds": 438.0, "rmse_seconds": 624.0, "r2": -0.0031}


@pytest.mark.parametrize(
    ("is_comparable", "title"), [(True, "previous run"), (False, "previous run, on other trips")]
)
def test_a_model_is_shown_beside_the_naive_prediction_and_the_previous_model(is_comparable, title):
    report = model_report(1200, 600, METRICS, BASELINE, BASELINE, is_comparable=is_comparable)
    assert report == MODEL.format("438 s", "624 s", "-0.003", title=title)


def test_the_first_model_has_no_previous_one():
    report = model_report(1200, 600, METRICS, BASELINE, None, is_comparable=True)
    assert report == MODEL.format(*["none yet"] * 3, title="previous run")


def test_drift_stands_out():
    drift = [
        {"name": "hour_of_day", "kind": "data", "psi": 0.0012, "verdict": "stable"},
        {"name": "predicted_duration_seconds", "kind": "prediction", "psi": 0.251, "verdict": "major"},
    ]
    assert drift_report(drift, "s3://bucket/predictions.parquet", 600) == DRIFT
