#!/usr/bin/env bash
# Builds the image and the template of the nightly job, and starts it on Dataflow.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() {
  cat <<'END'
usage: VARIABLE=value … deploy/dataflow/dataflow.sh image|template|run

image     builds the image and pushes it
template  writes the template that starts it into a bucket
run       starts one trading day

variable           for            what
IMAGE              all            REGION-docker.pkg.dev/PROJECT/REPOSITORY/tillage:TAG
PROJECT            template run   id of the Google Cloud project
TEMPLATE           template run   gs://bucket/tillage.json
REGION             run            such as europe-west4
STAGING            run            gs://bucket/staging, for the job's own files
SERVICE_ACCOUNT    run            account of launcher and workers
INPUT OUTPUT DATE  run            places of tills and warehouse; YYYY-MM-DD
KEY_FILE           run            gs:// place of the pseudonym key, or omit
WITH_TENSORFLOW    image          optional: 1, or cuda
MACHINE_TYPE       run            optional: of workers; n2-standard-8
MAX_WORKERS        run            optional: 10
SUBNETWORK         run            optional: regions/REGION/subnetworks/NAME
ACCELERATOR        run            optional: nvidia-l4, for an image with cuda
PARAMETERS         run            optional: name=value~name=value of metadata.json
DRY_RUN            all            optional: 1 prints the commands instead
END
}

fail() {
  echo "dataflow.sh: $1" >&2
  exit 2
}

need() {
  local name
  for name in "$@"; do
    [[ -n "${!name:-}" ]] || fail "$name is not set; see deploy/dataflow/dataflow.sh help"
  done
}

need_bucket() {
  local name
  for name in "$@"; do
    [[ "${!name}" == gs://?* ]] || fail "$name must be a gs:// place; received ${!name}"
  done
}

do_or_show() {
  if [[ -n "${DRY_RUN:-}" ]]; then
    printf '%q ' "$@"
    echo
    return
  fi
  command -v "$1" > /dev/null || fail "$1 is not installed"
  "$@"
}

build_image() {
  need IMAGE
  do_or_show docker build --target dataflow --tag "$IMAGE" \
    --build-arg "WITH_TENSORFLOW=${WITH_TENSORFLOW:-}" .
  do_or_show docker push "$IMAGE"
}

build_template() {
  need IMAGE PROJECT TEMPLATE
  need_bucket TEMPLATE
  do_or_show gcloud dataflow flex-template build "$TEMPLATE" --project "$PROJECT" \
    --image "$IMAGE" --sdk-language PYTHON \
    --metadata-file deploy/dataflow/metadata.json
}

parameters() {
  local given="input=$INPUT~output=$OUTPUT~date=$DATE~sdk_container_image=$IMAGE"
  if [[ "$KEY_FILE" == omit ]]; then
    given+="~cashier_ids=omit"
  else
    need_bucket KEY_FILE
    given+="~pseudonym_key_file=$KEY_FILE"
  fi
  if [[ -n "${ACCELERATOR:-}" ]]; then
    local gpu="type:$ACCELERATOR;count:1;install-nvidia-driver"
    given+="~engine=tensorflow~dataflow_service_options=worker_accelerator=$gpu"
  fi
  echo "^~^$given${PARAMETERS:+~$PARAMETERS}"
}

run_day() {
  need IMAGE PROJECT TEMPLATE REGION STAGING SERVICE_ACCOUNT INPUT OUTPUT DATE KEY_FILE
  need_bucket TEMPLATE STAGING INPUT OUTPUT
  [[ "$DATE" =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] || fail "DATE must be YYYY-MM-DD; received $DATE"
  local all
  all=$(parameters)
  # Dataflow runs one job of a name at a time: the day's name keeps a second run out.
  do_or_show gcloud dataflow flex-template run "tillage-$DATE" --project "$PROJECT" \
    --region "$REGION" --template-file-gcs-location "$TEMPLATE" \
    --staging-location "$STAGING" --temp-location "$STAGING/temp" \
    --service-account-email "$SERVICE_ACCOUNT" --disable-public-ips \
    --worker-machine-type "${MACHINE_TYPE:-n2-standard-8}" \
    --max-workers "${MAX_WORKERS:-10}" \
    ${SUBNETWORK:+--subnetwork "$SUBNETWORK"} --parameters "$all"
}

case "${1:-}" in
  image) build_image ;;
  template) build_template ;;
  run) run_day ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
