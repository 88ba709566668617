-- No trip is lost, and none is in both files. Returns the numbers if they do not add up.

with counts as (
    select
        (select count(*) from {{ source('landed', 'trips') }}) as trips_read,
        (select count(*) from {{ ref('taxi_features') }}) as trips_kept,
        (select count(*) from {{ ref('rejected_trips') }}) as trips_rejected
)

select *
from counts
where trips_read <> trips_kept + trips_rejected
