"""Parsing single values in DuckDB: times, numbers and the many spellings of null."""

import duckdb

INSTANT = "TIMESTAMP WITH TIME ZONE"
"""DuckDB's type of times that mean the same on every clock."""
NULLS = ("", "-", "na", "n/a", "nan", "none", "null", r"\n")
"""Texts that mean that there is no value, in lower case."""
NULL_WORDS = ", ".join(f"'{text}'" for text in NULLS)

TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %I:%M:%S %p",
    # %y first: %Y would take a year of two digits for one of the first century.
    *(
        f"%m/%d/{year} {time}"
        for time in ("%I:%M:%S %p", "%I:%M %p", "%H:%M:%S", "%H:%M")
        for year in ("%y", "%Y")
    ),
)

# The macros try the most frequent form first. Casting text to `timestamp` drops an offset, so text with
# anything after its time is not cast. Words such as "infinity" are not times.
MACROS = rf"""
create or replace macro new_york(utc) as timezone('America/New_York', timezone('UTC', utc));
create or replace macro wall_time(text) as coalesce(
    case when contains(text, ':') then try_strptime(text, {list(TIME_FORMATS)}) end,
    case when regexp_matches(trim(text), '^\d[^:]*(:[0-9:.]*)?$') then try_cast(text as timestamp) end
);
create or replace macro offset_of(text) as
    regexp_extract(upper(trim(text)), ':.*(Z|UTC|GMT|E[SD]T|[-+]\d\d(?::?\d\d)?)$', 1);
create or replace macro offset_minutes(name) as case
    when name in ('Z', 'UTC', 'GMT') then 0
    when name = 'EST' then -5 * 60
    when name = 'EDT' then -4 * 60
    else cast(name[1] || '1' as integer)
        * (60 * cast(name[2:3] as integer) + coalesce(try_cast(replace(name[4:], ':', '') as integer), 0))
end;
create or replace macro utc_time(text) as case
    when offset_of(text) <> '' then
        wall_time(trim(left(trim(text), length(trim(text)) - length(offset_of(text)))))
        - to_minutes(cast(offset_minutes(offset_of(text)) as bigint))
end;
create or replace macro as_number(text) as nullif(try_cast(text as double), 'nan'::double);
create or replace macro as_whole_number(text) as
    case when as_number(text) = trunc(as_number(text)) and abs(as_number(text)) < 1e9
        then as_number(text)::integer end;
create or replace macro unreadable(name, text, value) as
    case when value is null and lower(trim(text::varchar)) not in ({NULL_WORDS})
        then name || ' = ' || left(text::varchar, 200) end;
"""


def add_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros that parse values, the same on a machine in any time zone."""
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(MACROS)


def value_sql(kind: str, of_type: str, text: str) -> str:
    """Return SQL for the value of a column of some DuckDB type; of times as text, those without an offset."""
    if kind != "time":
        return f"as_{kind}({text})"
    if of_type == INSTANT:
        return f"timezone('America/New_York', {text})"
    if of_type.startswith("TIMESTAMP") or of_type == "DATE":
        return f"case when isfinite({text}) then {text}::timestamp end"
    return f"wall_time({text}::varchar)"
