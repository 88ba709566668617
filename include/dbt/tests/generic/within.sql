-- Every value of a column lies between two bounds, both allowed.
{% test within(model, column_name, least, most) %}

    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} not between {{ least }} and {{ most }}

{% endtest %}
