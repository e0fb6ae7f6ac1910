# One image per service, by `--target`; `make images` builds them all. A service's API and worker are the same image with
# another argument. With no target it is one image that runs the whole suite: `docker build -t wealth-suite .`, then
# `docker run -p 8000:8000 wealth-suite`, or compose.yaml. The base is any image with Python 3.11 to 3.13 as `python3`.
ARG BASE=python:3.11-slim

# What only building needs, pip and the sources among it, never reaches an image.
FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements/build.lock requirements/
RUN python3 -m venv /tools && /tools/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements/build.lock
COPY pyproject.toml README.md ./
COPY protos/gen/ protos/gen/
COPY services/ services/
RUN /tools/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels .
COPY deploy/install_app.sh deploy/

FROM build AS gateway-app
COPY requirements/gateway.lock requirements/
RUN deploy/install_app.sh gateway

FROM build AS portfolio-app
COPY requirements/portfolio.lock requirements/
RUN deploy/install_app.sh portfolio

FROM build AS converter-app
COPY requirements/converter.lock requirements/
RUN deploy/install_app.sh converter

FROM build AS crew-app
COPY requirements/crew.lock requirements/
RUN deploy/install_app.sh crew

FROM build AS storage-app
COPY requirements/storage.lock requirements/
RUN deploy/install_app.sh storage

FROM build AS events-app
COPY requirements/events.lock requirements/
RUN deploy/install_app.sh events

FROM build AS suite-app
COPY requirements/run.lock requirements/
RUN deploy/install_app.sh run

FROM ${BASE} AS runtime
# Version, revision and date are given to the build as options (deploy/images.sh).
LABEL org.opencontainers.image.vendor="wealth-suite" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /tmp
# By number: the kubelet cannot tell of a name that it is not root's.
USER 10001:10001

FROM runtime AS gateway
LABEL org.opencontainers.image.title="wealth-gateway"
COPY --from=gateway-app /app /app
EXPOSE 8000 8001 9090
ENTRYPOINT ["python", "-m", "services.gateway"]

FROM runtime AS portfolio
LABEL org.opencontainers.image.title="wealth-portfolio"
COPY --from=portfolio-app /app /app
EXPOSE 9102 9112 9090
ENTRYPOINT ["python", "-m", "services.portfolio"]

FROM runtime AS converter
LABEL org.opencontainers.image.title="wealth-converter"
COPY --from=converter-app /app /app
EXPOSE 9103 9113 9090
ENTRYPOINT ["python", "-m", "services.converter"]

# The converter with agents for what synthesis leaves open: a worker image, and the only large one.
FROM runtime AS crew
LABEL org.opencontainers.image.title="wealth-crew"
COPY --from=crew-app /app /app
EXPOSE 9113 9090
ENTRYPOINT ["python", "-m", "services.converter"]

FROM runtime AS storage
LABEL org.opencontainers.image.title="wealth-storage"
COPY --from=storage-app /app /app
EXPOSE 9101 9090
ENTRYPOINT ["python", "-m", "services.storage"]

FROM runtime AS events
LABEL org.opencontainers.image.title="wealth-events"
COPY --from=events-app /app /app
EXPOSE 9104 9090
ENTRYPOINT ["python", "-m", "services.events"]

# All services in one container, for one machine: with NATS and S3 of its own, or WEALTH_SERVERS=outside and theirs.
FROM runtime AS suite
LABEL org.opencontainers.image.title="wealth-suite"
COPY --from=suite-app /app /app
USER 0:0
RUN install -d -o 10001 -g 10001 -m 0700 /data
USER 10001:10001
ENV WEALTH_DATA_DIR=/data WEALTH_LISTEN=0.0.0.0 WEALTH_PORT_BASE=8000
VOLUME /data
EXPOSE 8000 8001
ENTRYPOINT ["python", "-m", "services.launcher"]
CMD ["run"]
