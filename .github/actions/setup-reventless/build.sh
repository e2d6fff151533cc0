#!/usr/bin/env bash
# Installs the repository's npm packages and builds it: by BUILD_COMMAND, or else by the script
# build of its package.json.
set -euo pipefail

if [ -f package-lock.json ]; then
  npm ci --no-audit --no-fund
fi
if [ -n "${BUILD_COMMAND:-}" ]; then
  bash -euo pipefail -c "$BUILD_COMMAND"
elif [ -f package.json ]; then
  npm run build --if-present
fi
