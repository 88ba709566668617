# Astro Runtime 3.3 is Airflow 3.3. Python 3.12, because dbt does not support the default 3.14 yet.
# The "-base" image, because the other one installs requirements.txt before constraints.txt can be copied. The steps
# below are the same.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12-base

USER root
COPY packages.txt .
RUN install-system-packages

# Packages of the base image (Airflow, providers) keep their versions unless a requirement excludes them; constraints.txt
# pins the others. The constraint is appended to requirements.txt because an installer that is given constraints
# ignores those of its environment.
COPY requirements.txt constraints.txt ./
COPY packages packages
RUN uv pip freeze --system | sed -nE 's/^([^= ]+)==.*/^\1==/p' > /tmp/in-base-image \
    && grep -vf /tmp/in-base-image constraints.txt > /tmp/pins.txt \
    && echo "--constraint /tmp/pins.txt" >> requirements.txt \
    && install-python-dependencies

# No telemetry.
ENV DO_NOT_TRACK=1 AIRFLOW__COSMOS__ENABLE_TELEMETRY=False

USER astro
COPY --chown=astro:0 . .
