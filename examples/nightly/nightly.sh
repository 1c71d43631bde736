#!/bin/sh
# One audit of everybody, recorded in a ledger, with metrics, and notices to owners: for cron, a Kubernetes CronJob, and other
# machines of yours.
#
#   LEDGER                    where audits are recorded: a DuckDB file, or md: and a database of MotherDuck
#   MOTHERDUCK_TOKENS_CONFIG  the settings file, whose key notify says whom to tell; what it names as secrets is set, too
#   METRICS                   the file of metrics; for node_exporter, in its textfile folder, ending in .prom
#   PUSHGATEWAY_URL           a Pushgateway to push the metrics to; without it, somebody else collects the file
#   HEARTBEAT_URL             called after each complete audit whose notices went out: a service that tells when these calls stop
#
# It ends with 0 after a complete audit whose notices went out, whatever was found: the alerts tell that. docs/nightly.md of
# pulumi-motherduck-tokens tells the rest.
set -eu
: "${LEDGER:?is not set: where audits are recorded}" "${METRICS:?is not set: the file of metrics}"
: "${MOTHERDUCK_TOKENS_CONFIG:?is not set: the settings file, which says whom to tell}"
# node_exporter runs as somebody else.
umask 022

# The report has e-mail addresses: only this user can read it, and only until the end.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

status=0
motherduck-tokens audit --all --fail-on none --quiet --history "$LEDGER" \
  --report openmetrics="$METRICS" --report json="$folder/tokens.json" || status=$?
# Nothing that follows needs it.
unset MOTHERDUCK_ADMIN_TOKEN

# Metrics and notices go out in any case. Those of an incomplete audit say that it is incomplete, and tell about whoever was read.
if [ -n "${PUSHGATEWAY_URL:-}" ]; then
  curl --fail --silent --show-error --output /dev/null --max-time 60 --retry 3 \
    --upload-file "$METRICS" "$PUSHGATEWAY_URL/metrics/job/motherduck_tokens" || status=3
fi
# The ledger has what was sent. Standard error has what was not.
motherduck-tokens notify --history "$LEDGER" --report "$folder/tokens.json" > /dev/null || status=$?

if [ "$status" -eq 0 ] && [ -n "${HEARTBEAT_URL:-}" ]; then
  curl --fail --silent --show-error --output /dev/null --max-time 60 --retry 3 "$HEARTBEAT_URL" || status=3
fi
exit "$status"
