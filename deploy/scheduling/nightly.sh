#!/bin/bash
# Scores one trading day: nightly.sh [YYYY-MM-DD] [flags of tillage score]
#
# Without a day, yesterday's in the chain's time zone. Says nothing if the day is
# published, so that cron mails nothing; else how it ended, and the end of its log.
# Settings come from the environment:
#   TILLAGE_INPUT TILLAGE_OUTPUT   see tillage score --help
#   TILLAGE_TIMEZONE               IANA name such as Europe/Berlin
#   TILLAGE_LOGS                   folder with one log a day
#   TILLAGE_RETRIES                after a failure that may pass; 3 if not set
#   TILLAGE_RETRY_SECONDS          before the first of them, then twice as long; 600
set -uo pipefail
for name in TILLAGE_INPUT TILLAGE_OUTPUT TILLAGE_TIMEZONE TILLAGE_LOGS; do
    if [[ -z ${!name:-} ]]; then
        echo "nightly.sh: $name is not set"
        exit 2
    fi
done
if [[ ! -f /usr/share/zoneinfo/$TILLAGE_TIMEZONE ]]; then
    echo "nightly.sh: TILLAGE_TIMEZONE must be an IANA name; received $TILLAGE_TIMEZONE"
    exit 2
fi
if [[ ${1:-} == ????-??-?? ]]; then
    day=$1
    shift
else
    day=$(TZ=$TILLAGE_TIMEZONE date -d yesterday +%F)
fi
log=$TILLAGE_LOGS/$day.log
umask 077
mkdir -p "$TILLAGE_LOGS" || exit 2

retries=${TILLAGE_RETRIES:-3}
pause_seconds=${TILLAGE_RETRY_SECONDS:-600}
while true; do
    echo "$(date -u +%FT%TZ) $day begins" >> "$log"
    tillage score --input "$TILLAGE_INPUT" --output "$TILLAGE_OUTPUT" --date "$day" \
        --detailed-exit-codes "$@" >> "$log" 2>&1
    code=$?
    echo "$(date -u +%FT%TZ) $day ends with exit code $code" >> "$log"
    # 1: failed on its way, 4: another run is at work. What else there is stays.
    if [[ $code != 1 && $code != 4 ]] || ((retries-- <= 0)); then
        break
    fi
    sleep "$pause_seconds"
    pause_seconds=$((2 * pause_seconds))
done
if [[ $code != 0 ]]; then
    echo "tillage: $day is not published, exit code $code (docs/operations.md)"
    echo "log: $log"
    tail -n 20 "$log"
fi
exit "$code"
