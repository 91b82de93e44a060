# The server in a container; docs/running.md says how it is run. It holds no night and no secret.

# The Python of the tests. Both stages have to have the same one: the second runs what the first made.
FROM python:3.11.13-slim-bookworm AS build
ENV PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
COPY . .
RUN python -m venv /opt/crampwatch && /opt/crampwatch/bin/pip install '.[postgresql]'

FROM python:3.11.13-slim-bookworm
# By number, so that who owns the files of a volume does not depend on the image.
RUN useradd --uid 8321 --user-group --no-log-init --create-home --home-dir /var/lib/crampwatch \
    crampwatch && chmod 700 /var/lib/crampwatch
COPY --from=build /opt/crampwatch /opt/crampwatch
ENV PATH=/opt/crampwatch/bin:$PATH \
    CRAMPWATCH_DATA_DIR=/var/lib/crampwatch \
    CRAMPWATCH_HOST=0.0.0.0 \
    CRAMPWATCH_LOG_FORMAT=json
USER 8321:8321
VOLUME /var/lib/crampwatch
EXPOSE 8321
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8321/readyz', timeout=4)"]
ENTRYPOINT ["crampwatch"]
CMD ["serve"]
