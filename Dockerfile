# syntax=docker/dockerfile:1

FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
# Both caches stay on the machine that builds, so the binary is copied out within the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin mcpay && \
    cp target/dist/mcpay /usr/local/bin/mcpay

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="mcpay" \
      org.opencontainers.image.description="Payment orchestration for Nordic publishers and shops" \
      org.opencontainers.image.licenses="Apache-2.0"

# The providers are spoken to over TLS, which needs the certificates of the authorities.
RUN apt-get update && \
    apt-get install --yes --no-install-recommends ca-certificates && \
    rm -rf /var/lib/apt/lists/*

# The service owns nothing in the image and writes nothing outside the database.
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin mcpay
COPY --from=build /usr/local/bin/mcpay /usr/local/bin/mcpay
USER 10001:10001

ENV MCPAY_LISTEN=0.0.0.0:8080
EXPOSE 8080

# Asked from within, where /health is open without a token. bash speaks enough HTTP for it; curl is not in the image.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r -t 4 status <&3 && [[ $status == *' 200 '* ]]"]

# The first signal lets requests that run finish.
STOPSIGNAL SIGTERM
ENTRYPOINT ["mcpay"]
CMD ["serve"]
