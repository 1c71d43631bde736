#!/bin/sh
# One audit of everybody, recorded in a ledger, with metrics: for cron, a Kubernetes CronJob, and other machines of one's own.
#
#   LEDGER           where audits are recorded: a DuckDB file, or md: and a database of MotherDuck
#   METRICS          the file of metrics; for node_exporter, in its textfile folder, ending in .prom
#   PUSHGATEWAY_URL  a Pushgateway to push the metrics to; without it, somebody else collects the file
#   HEARTBEAT_URL    called after each complete audit: a service that tells when these calls stop
#
# It ends with 0 after a complete audit, whatever was found: the alerts tell that. docs/nightly.md of pulumi-motherduck-tokens
# tells the rest.
set -eu
: "${LEDGER:?is not set: where audits are recorded}" "${METRICS:?is not set: the file of metrics}"
# node_exporter runs as somebody else.
umask 022

status=0
motherduck-tokens audit --all --fail-on none --quiet --history "$LEDGER" --report openmetrics="$METRICS" || status=$?

# Also of an audit that is incomplete: its metrics say so.
if [ -n "${PUSHGATEWAY_URL:-}" ]; then
  curl --fail --silent --show-error --output /dev/null --max-time 60 --retry 3 \
    --upload-file "$METRICS" "$PUSHGATEWAY_URL/metrics/job/motherduck_tokens" || status=3
fi
if [ "$status" -eq 0 ] && [ -n "${HEARTBEAT_URL:-}" ]; then
  curl --fail --silent --show-error --output /dev/null --max-time 60 --retry 3 "$HEARTBEAT_URL" || status=3
fi
exit "$status"
