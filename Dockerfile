# Two stages: the first compiles, the second holds production dependencies and the result only.
# A release is built on a base that is pinned by digest: .github/workflows/release.yml.
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM ${NODE_IMAGE}
# tini reaps orphans and passes signals on, so that SIGTERM reaches the watchdog also as process 1.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The built-in gateways, which the program reads beside dist.
COPY gateways ./gateways
# The state lies in a volume; everything else may be read-only. The config is mounted at /etc/smileapi-watchdog.
RUN mkdir -p /var/lib/smileapi-watchdog /etc/smileapi-watchdog && chown node:node /var/lib/smileapi-watchdog
USER node
VOLUME /var/lib/smileapi-watchdog
EXPOSE 9847
# No curl in the image: Node.js asks. WATCHDOG_HEALTH_URL is for those who change `listen`.
ENV WATCHDOG_HEALTH_URL=http://127.0.0.1:9847/-/healthy
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.WATCHDOG_HEALTH_URL, { signal: AbortSignal.timeout(4000) }).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Half of these threads look up names, so that dead name servers of several accounts hold up nobody else.
ENV UV_THREADPOOL_SIZE=8
# Flags of V8, which NODE_OPTIONS does not accept:
# --heap-growing-percent=20 collects garbage early. A fleet is loaded once and hardly changes, and by itself V8 keeps the
#   memory that loading took: at 10,000 instances 7.3 instead of 3.2 KiB resident for each (npm run bench growth).
# --no-parallel-scavenge has the main thread collect young objects alone. There are few of them, and with one or two
#   processors waiting for V8's helper threads takes longest (npm run bench fleet). Leave it out where there are more.
ENTRYPOINT ["tini", "--", "node", "--heap-growing-percent=20", "--no-parallel-scavenge", "/app/dist/main.js"]
CMD ["run", "-c", "/etc/smileapi-watchdog/config.yaml"]
