-- The trips that break a rule, kept beyond the run for whoever wants to know why.
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
