-- What is known when a trip starts, and its duration, which the model learns to predict.

select
    pickup_datetime,
    pickup_location_id,
    dropoff_location_id,
    trip_distance,
    passenger_count,
    cast(hour(pickup_datetime) as integer) as hour_of_day,
    cast(isodow(pickup_datetime) - 1 as integer) as day_of_week,
    cast(trip_duration_seconds as double) as trip_duration_seconds
from {{ ref('trips_checked') }}
where rejection_reason is null
-- The same trips give the same file, whatever the order of the sources.
order by all
