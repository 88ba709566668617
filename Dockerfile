# Astro Runtime 3.3 is Airflow 3.3. Python 3.12, not its default 3.14, which dbt does not support yet.
# The "-base" image, because the other one installs requirements.txt before constraints.txt can be copied;
# the steps are the same as that one's.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12-base

USER root
COPY packages.txt .
RUN install-system-packages

# What the image carries (Airflow, providers) keeps its version, unless another requirement forbids it; constraints.txt
# decides the rest. requirements.txt names it, as an installer that is given constraints ignores the environment's.
COPY requirements.txt constraints.txt ./
COPY packages packages
RUN uv pip freeze --system | sed -nE 's/^([^= ]+)==.*/^\1==/p' > /tmp/carried \
    && grep -vf /tmp/carried constraints.txt > /tmp/pins.txt \
    && echo "--constraint /tmp/pins.txt" >> requirements.txt \
    && install-python-dependencies

# Nothing phones home.
ENV DO_NOT_TRACK=1 AIRFLOW__COSMOS__ENABLE_TELEMETRY=False

USER astro
COPY --chown=astro:0 . .
