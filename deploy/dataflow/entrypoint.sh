#!/bin/sh
# One image is worker and launcher: a worker is started with its id, a pool of workers
# with --worker_pool, and the launcher of a template with neither.
case " $*" in
  *" --id="* | *" --worker_pool"*) exec "${BEAM_BOOT:-/opt/apache/beam/boot}" "$@" ;;
  *) exec /opt/google/dataflow/python_template_launcher "$@" ;;
esac
