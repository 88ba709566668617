-- The trips that break a rule, with the reason. This file is not deleted after the run.
{{ config(location="s3://taxi-data/rejected/" ~ var("run") ~ ".parquet") }}

select
    rejection_reason,
    unreadable,
    source,
    pickup_datetime,
    dropoff_datetime,
    pickup_location_id,
    dropoff_location_id,
    trip_distance,
    passenger_count,
    trip_duration_seconds
from {{ ref('trips_checked') }}
where rejection_reason is not null
order by all
