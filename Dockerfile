# syntax=docker/dockerfile:1
# The desk in a container: no secret is in it, and nothing in it is written to while it runs. See config/OPERATING.md.

FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir --quiet "uv~=0.13.0" && uv venv --quiet /venv
COPY pyproject.toml /build/
RUN uv pip install --quiet --python /venv/bin/python --requirement /build/pyproject.toml


FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 desk \
 && useradd --uid 10001 --gid desk --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin desk \
 && install --directory --owner desk --group desk --mode 0700 /anchors
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PRIVACY_DESK_MODE=production \
    STATIC_ROOT=/desk/staticfiles \
    ANCHOR_FILE=/anchors/anchors \
    SERVE_ON=0.0.0.0:8000
WORKDIR /desk
COPY --from=build /venv /venv
COPY manage.py pyproject.toml ./
COPY config config
COPY customers customers
COPY consent consent
COPY disclosures disclosures
RUN python -m compileall -q config customers consent disclosures \
 && python manage.py collectstatic --noinput --verbosity 0 \
 && chmod --recursive u=rwX,go=rX /desk
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=4 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=8)"]
CMD ["gunicorn", "--config", "python:config.gunicorn_conf"]
