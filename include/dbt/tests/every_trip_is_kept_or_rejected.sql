-- No trip gets lost, and none is in both files: the rows if the sums differ.

with counts as (
    select
        (select count(*) from {{ source('landed', 'trips') }}) as trips_read,
        (select count(*) from {{ ref('taxi_features') }}) as trips_kept,
        (select count(*) from {{ ref('rejected_trips') }}) as trips_rejected,
        (select sum(trips) from {{ ref('trip_counts') }}) as trips_counted
)

select *
from counts
where trips_read <> trips_kept + trips_rejected or trips_read <> trips_counted
