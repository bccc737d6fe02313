#!/bin/bash
# Deploys the workflow, and starts it every morning: schedule.sh PROJECT REGION ACCOUNT
#
# ACCOUNT starts the workflow and is what it acts as: it needs Workflows Invoker,
# Dataflow Developer, Storage Object Viewer on the warehouse, and Service Account User
# on the workers' account.
set -euo pipefail
project=${1:?project} region=${2:?region} account=${3:?service account}
here=$(dirname "$0")
body=$(python3 -c '
import json, sys
print(json.dumps({"argument": json.dumps(json.load(open(sys.argv[1])))}))
' "$here/arguments.json")

gcloud workflows deploy tillage-nightly --project="$project" --location="$region" \
    --source="$here/workflow.yaml" --service-account="$account"
verb=create
if gcloud scheduler jobs describe tillage-nightly --project="$project" \
    --location="$region" > /dev/null 2>&1; then verb=update; fi
gcloud scheduler jobs "$verb" http tillage-nightly --project="$project" \
    --location="$region" --schedule="30 5 * * *" --time-zone="Europe/Berlin" \
    --uri="https://workflowexecutions.googleapis.com/v1/projects/$project/locations/$region/workflows/tillage-nightly/executions" \
    --http-method=POST --message-body="$body" --oauth-service-account-email="$account" \
    --max-retry-attempts=5 --min-backoff=1m
