-- One row per landed trip, with the first rule that it breaks (null: none).

with trips as (
    select
        *,
        -- New York's clocks do not show how long a trip lasts across a change of the clocks.
        coalesce(
            elapsed_seconds, date_diff('second', pickup_datetime, dropoff_datetime)
        ) as trip_duration_seconds
    from {{ source('landed', 'trips') }}
),

checked as (
    select
        *,
        case
            -- Text instead of a number or a time, or a CSV row with too few or too many columns.
            when unreadable is not null then 'unreadable_value'
            when
                pickup_datetime is null or dropoff_datetime is null or trip_distance is null
                then 'missing_value'
            -- The meter's clock was reset or set wrong (2001, 2058). TLC's records have zone ids since 2011.
            when
                pickup_datetime < timestamp '2011-01-01'
                or pickup_datetime > cast('{{ run_started_at }}' as timestamp)
                then 'impossible_date'
            -- Zones are 1 to 263; 264 (unknown) and 265 (outside the city) are TLC's own codes and are kept.
            when
                pickup_location_id is null or dropoff_location_id is null
                or pickup_location_id not between 1 and 265 or dropoff_location_id not between 1 and 265
                then 'unknown_location'
            -- Includes swapped times: the row does not show which of the two is wrong.
            when trip_duration_seconds < 0 then 'dropoff_before_pickup'
            -- The meter was stopped at once: nobody was driven anywhere.
            when trip_duration_seconds < 60 then 'shorter_than_a_minute'
            -- The longest real rides across the city take less than three hours; 20 to 24 are a meter left running.
            when trip_duration_seconds > 3 * 60 * 60 then 'longer_than_3_hours'
            when trip_distance <= 0 then 'no_distance'
            -- Includes infinity, which is greater than any number.
            when trip_distance > 100 then 'farther_than_100_miles'
            when trip_distance / trip_duration_seconds * 3600 > 100 then 'faster_than_100_mph'
        end as broken_rule
    from trips
)

select
    * exclude (broken_rule),
    -- No two taxis start and stop in the same seconds, in the same zones, over the same distance.
    case
        when broken_rule is not null then broken_rule
        when
            row_number() over (
                partition by
                    broken_rule is null,
                    pickup_datetime, dropoff_datetime, pickup_location_id, dropoff_location_id, trip_distance
                order by source, passenger_count
            ) > 1
            then 'duplicate'
    end as rejection_reason
from checked
