# One image for every service: what a container runs is its command, e.g. `minicloud/src/catalog.ts` or `services/gateway/src/main.ts`.
# Node runs the TypeScript as it is, but not below node_modules: libs/ and the workspace links stay as they are in the repository.
ARG NODE_IMAGE=node:24-trixie-slim

# The package files alone, so that the next stage is made again only when one of them changes.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete && find . -type d -empty -delete

# Optional packages are native speed-ups and the embedded Postgres: containers have a Postgres of their own.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY --from=manifests /app .
RUN npm ci --omit=dev --omit=optional --ignore-scripts && rm -rf /root/.npm

# What the injector puts into the network of a container that it hurts; `--target netadmin`.
FROM ${NODE_IMAGE} AS netadmin
RUN apt-get update && apt-get install --yes --no-install-recommends iptables && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app .
COPY libs/toxics libs/toxics

FROM ${NODE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compiled HOST=0.0.0.0 PORT=8080
COPY --from=dependencies /app .
COPY . .
# What Node compiles on the way stays: every container starts from it, also with a file system that it may not write.
RUN ln -s /app/cli/bin/triage.js /usr/local/bin/triage && node cli/src/launcher/warm-up.ts
USER node
EXPOSE 8080
# An exec form: SIGTERM reaches the service, which drains.
ENTRYPOINT ["node", "--max-semi-space-size=1"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["bash", "compose/healthcheck.sh"]
