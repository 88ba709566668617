-- How many trips were kept (no reason) and how many rejected, by reason.

select
    rejection_reason,
    count(*) as trips
from {{ ref('trips_checked') }}
group by rejection_reason
order by rejection_reason
