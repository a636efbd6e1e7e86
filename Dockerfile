# SpanLoop's page, for an unprivileged user, with all state in the volume /data.
#
#   docker build --tag spanloop .
#   docker run --read-only --tmpfs /tmp --volume spanloop:/data --publish 127.0.0.1:7860:7860 spanloop
#
# docker-compose.yml starts it beside Argilla.

FROM python:3.11-slim-bookworm AS build
# page; page,argilla sends to Argilla, too; page,train also learns from reviews
ARG EXTRAS=page
# another index of packages, such as torch's own, whose wheels for CPUs are smaller
ARG PIP_EXTRA_INDEX_URL
COPY . /source
RUN python -m venv /opt/spanloop \
 && /opt/spanloop/bin/pip install --no-cache-dir "/source[${EXTRAS}]"

FROM python:3.11-slim-bookworm
RUN useradd --uid 1000 --no-create-home spanloop && install --directory --owner spanloop /data
COPY --from=build /opt/spanloop /opt/spanloop
ENV PATH=/opt/spanloop/bin:$PATH \
    HOME=/data \
    SPANLOOP_HOME=/data \
    SPANLOOP_HOST=0.0.0.0 \
    SPANLOOP_PORT=7860
USER 1000
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['SPANLOOP_PORT'])"]
CMD ["spanloop", "app", "--no-browser"]
