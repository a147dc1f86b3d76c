# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/adapter && /opt/adapter/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY adapter adapter
COPY mappings mappings
COPY profiles profiles
RUN pip wheel --no-cache-dir --no-deps -w /tmp/wheel . && /opt/adapter/bin/pip install --no-cache-dir --no-deps /tmp/wheel/*.whl

FROM python:3.11-slim
# tzdata: the program's zone is read from the system's database.
RUN apt-get update && apt-get install -y --no-install-recommends tzdata && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /var/lib/iop adapter && install -d -o adapter -m 700 /var/lib/iop
COPY --from=build /opt/adapter /opt/adapter
ENV PATH=/opt/adapter/bin:$PATH IOP_HOST=0.0.0.0 IOP_STORE=/var/lib/iop/iop.db IOP_SECRET_FILE=/var/lib/iop/secret
USER adapter
VOLUME /var/lib/iop
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD \
  ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('IOP_PORT', '8000') + '/health', timeout=2)"]
EXPOSE 8000
CMD ["iop-adapter", "serve"]
