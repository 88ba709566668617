{#
    Streams a model's query into one Parquet file. Replaces dbt-duckdb's materialization of the same name
    (https://github.com/duckdb/dbt-duckdb, macros/materializations/external.sql), which first builds the whole
    result as a table in memory, and writes a row of nulls for an empty result: a run without rejected trips
    would publish one.
#}
{% materialization external, adapter="duckdb" %}
    {%- set location = render(config.get("location", default=external_location(this, config))) -%}
    {%- set relation = this.incorporate(type="view") -%}

    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        copy (
            {{ compiled_code }}
        ) to '{{ location }}' (format parquet)
    {%- endcall %}
    {% call statement("view") -%}
        create or replace view {{ relation }} as (select * from '{{ location }}')
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({"relations": [relation]}) }}
{% endmaterialization %}
